<?php
// Completes a flow through PHP's own SOAP stack, and prints what it saw as JSON.
// Arguments: the address of a WSDL, the account, a template.

[, $wsdl, $account, $template] = $argv;
$client = new SoapClient($wsdl, [
    'cache_wsdl' => WSDL_CACHE_NONE,
    'features' => SOAP_SINGLE_ELEMENT_ARRAYS,
    'connection_timeout' => 20,
    'trace' => true,
]);
$seen = ['operations' => count(array_unique($client->__getFunctions()))];

function lookup(SoapClient $client, string $account, string $session): stdClass
{
    $answer = $client->LookupSession(['SessionLookups' => ['SessionLookup' => [
        ['ContextIdentifier' => $account, 'SessionId' => $session],
    ]]]);
    return $answer->SessionLookupResults->SessionLookupResult[0];
}

function wait(SoapClient $client, string $account, string $session, array &$looks): stdClass
{
    for ($look = 1; $look <= 10; $look++) {
        $result = lookup($client, $account, $session);
        if (isset($result->DocumentResults) || isset($result->CloseEnvelopeResult)) {
            $looks[] = $look;
            return $result;
        }
    }
    throw new RuntimeException('the session never ended');
}

function status(SoapClient $client, string $account, stdClass $document): stdClass
{
    $answer = $client->CheckStatus(['DocumentStatusChecks' => ['DocumentStatusCheck' => [
        ['ContextIdentifier' => $account, 'Id' => $document->Id, 'AuthToken' => $document->AuthToken],
    ]]]);
    return $answer->DocumentStatusCheckResults->DocumentStatusCheckResult[0];
}

$looks = [];

$envelope = $client->CreateEnvelope(['Request' => [
    'ContextIdentifier' => $account,
    'WorkflowType' => 'Parallel',
    'EnvelopeName' => 'Sale & lease',
]])->CreateEnvelopeResult;
$keys = [
    'ContextIdentifier' => $account,
    'EnvelopeId' => $envelope->EnvelopeId,
    'AuthToken' => $envelope->AuthToken,
];
$seen['envelope'] = $envelope->EnvelopeId;

$session = $client->AsyncSubmit(['Documents' => ['Document' => [[
    'ContextIdentifier' => $account,
    'Metadata' => [
        'UserName' => 'owner@example.com',
        'DocumentName' => "J\u{f6}rg's contract",
        'OrderNumber' => '7',
        'ExpirationDate' => '2031-05-12',
        'EnvelopeId' => $envelope->EnvelopeId,
        'TermsAndConditions' => ['AdditionalAgreementStatement' => 'I agree.'],
    ],
    'Template' => [
        'Id' => $template,
        'Parameters' => ['Parameter' => [
            ['Name' => 'Signatory 1 Full Name', 'Value' => 'Ann <Example>'],
            ['Name' => 'Signatory 1 Email Address', 'Value' => 'ann@example.com'],
        ]],
    ],
]]]])->AsyncSubmitResult->SessionId;
$document = wait($client, $account, $session, $looks)->DocumentResults->DocumentResult[0];
$seen['metadata'] = $document->Metadata;
$seen['before'] = status($client, $account, $document)->StatusType;

$session = $client->AsyncCloseEnvelope(['Request' => $keys])->AsyncCloseEnvelopeResult->SessionId;
$closed = wait($client, $account, $session, $looks)->CloseEnvelopeResult;
$seen['closed'] = $closed->EnvelopeId;
$after = status($client, $account, $document);
$seen['after'] = [$after->StatusType, $after->StatusDetails];

$again = $client->CloseEnvelope(['Request' => $keys])->CloseEnvelopeResult;
$seen['again'] = $again->Exceptions->EnvelopeException[0];
$seen['looks'] = $looks;

try {
    // PHP sends it although it is no GUID; the service must refuse it.
    lookup($client, $account, 'not-a-guid');
    $seen['fault'] = null;
} catch (SoapFault $fault) {
    $seen['fault'] = [$fault->faultcode, $fault->faultstring];
}

echo json_encode($seen, JSON_PRETTY_PRINT | JSON_THROW_ON_ERROR), "\n";
