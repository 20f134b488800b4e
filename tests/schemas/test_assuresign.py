"""What the schemas of AssureSign must be: complete, consistent, and true to the vendor's samples.

The samples below are the vendor's printed ones rebuilt with values of our own: whole where the
pages lost lines, and with the names and namespaces of the WSDL where the pages misprint them.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import urllib.parse
from pathlib import Path

import pytest
import zeep
from lxml import etree

from tests.support.php import php_with_soap

pytestmark = pytest.mark.one_python

SCHEMAS = Path(__file__).parent.parent.parent / "schemas" / "assuresign"
ROOT_WSDL = SCHEMAS / "DocumentNOW.wsdl"
BASE = "https://www.assuresign.net/Services/DocumentNOW/"
SERVICE_FILE = "https://www.assuresign.net/Services/DocumentNOW/v2/DocumentNOW.svc/"

XS = "{http://www.w3.org/2001/XMLSchema}"
WSDL = "{http://schemas.xmlsoap.org/wsdl/}"
SOAP = "{http://schemas.xmlsoap.org/wsdl/soap/}"
ESW = "{urn:esignwire:schema}"
BASES = {"wsdl", "documented", "wire", "inferred"}

XSDS = sorted(SCHEMAS.glob("*.xsd"))
CONTRACTS = sorted(path.stem for path in XSDS if path.stem != "guid")

OPERATIONS = {
    path.stem: {
        node.get("name") for node in etree.parse(path).iterfind(f"{WSDL}portType/{WSDL}operation")
    }
    for path in SCHEMAS.glob("*.wsdl")
    if path != ROOT_WSDL
}

# Whatever creates, sends, changes or opens a session must never be repeated on its own.
UNSAFE = {
    "AsyncCloseEnvelope",
    "AsyncSubmit",
    "AsyncSubmitWithFile",
    "AsyncSubmitWithFileRetrieval",
    "AuthenticateDownload",
    "AuthenticateUser",
    "Cancel",
    "CancelEnvelope",
    "CloseEnvelope",
    "CreateAccount",
    "CreateEnvelope",
    "CreateUser",
    "DeleteEnvelope",
    "DeleteUser",
    "Expire",
    "GetAccessLink",
    "GetSigningLinks",
    "ResendNotification",
    "Submit",
    "SubmitWithFile",
    "SubmitWithFileRetrieval",
    "UpdateAccount",
    "UpdateSignatory",
    "UpdateUser",
}

# Four identifiers, in the two spellings that the vendor uses.
KEY = "0A1B2C3D-4E5F-4061-8273-94A5B6C7D8E9"
ONE = "11111111-aaaa-4bbb-8ccc-222222222222"
TWO = "33333333-DDDD-4EEE-9FFF-444444444444"
TOKEN = "55555555-abcd-4ef0-a123-666666666666"
WHO = f'ContextIdentifier="{KEY}" Id="{ONE}" AuthToken="{TOKEN}"'
ENVELOPE = f'ContextIdentifier="{KEY}" EnvelopeId="{ONE}" AuthToken="{TOKEN}"'
MANAGER = f'ContextIdentifier="{KEY}" AuthenticationToken="token-of-a-manager"'

DOCUMENT = f"""
<Documents>
  <Document ContextIdentifier="{KEY}">
    <Metadata UserName="owner@example.com" DocumentName="Lease of 12 May" OrderNumber="A-17"
              ExpirationDate="2031-05-12" Password="" Culture="en-US"
              SignatureDeviceSupportEnabled="false" EnvelopeId="{TWO}">
      <TermsAndConditions>
        <AdditionalComplianceStatement>First text.</AdditionalComplianceStatement>
        <AdditionalAgreementStatement>Second text.</AdditionalAgreementStatement>
        <AdditionalExtendedDisclosures>Third text.</AdditionalExtendedDisclosures>
      </TermsAndConditions>
    </Metadata>
    <Template Id="{ONE}">
      <Parameters>
        <Parameter Name="Signatory 1 First Name" Value="Ada"/>
        <Parameter Name="Signatory 1 Email Address" Value="ada@example.com"/>
        <Parameter Name="Signatory 1 Password" Value="open sesame"/>
      </Parameters>
    </Template>
  </Document>
</Documents>"""

DOCUMENT_RESULT = f"""
<DocumentResult Id="{ONE}" AuthToken="{TOKEN}">
  <Metadata UserName="owner@example.com" DocumentName="Lease of 12 May" OrderNumber="A-17"
            ExpirationDate="2031-05-12" Culture="en-US"/>
</DocumentResult>"""

PDF = "JVBERi0xLjQK"

# Contract, root element, what stands in it.
SAMPLES = [
    ("Submit", "AsyncSubmit", DOCUMENT),
    ("Submit", "AsyncSubmitResponse", f'<AsyncSubmitResult SessionId="{ONE}"/>'),
    ("Submit", "Submit", DOCUMENT),
    ("Submit", "SubmitResponse", f"<DocumentResults>{DOCUMENT_RESULT}</DocumentResults>"),
    (
        "Submit",
        "SubmitResponse",
        """<DocumentResults><DocumentResult><Exceptions>
             <DocumentException Severity="Error">No such template.</DocumentException>
           </Exceptions></DocumentResult></DocumentResults>""",
    ),
    (
        "Submit",
        "SubmitWithFile",
        f"""<Documents><FileDocument ContextIdentifier="{KEY}">
              <Metadata UserName="owner@example.com" ExpirationDate="2031-05-12T23:59:59"/>
              <Template Id="{ONE}"/>
              <UnderlyingFile FileType="PDF"><Data>{PDF}</Data></UnderlyingFile>
              <JotBlocks>
                <JotBlock Name="Sign here" Page="2" PositionX="0.25" PositionY="0.5"/>
                <JotBlock Name="Initials" SignatoryEmail="ada@example.com" SigningStep="1">
                  <WrittenProperties SignatureType="Initials"/>
                </JotBlock>
                <JotBlock Name="Colour" SignatoryEmailParameterName="Mail of signer">
                  <TypedProperties SignatoryInputType="MultipleChoiceRadio" FontSize="Ten">
                    <Options>
                      <TypedJotBlockOption GraphicRenderType="Check" Text="Red" TextValue="r"/>
                    </Options>
                  </TypedProperties>
                </JotBlock>
              </JotBlocks>
            </FileDocument></Documents>""",
    ),
    (
        "LookupSession",
        "LookupSession",
        f"""<SessionLookups>
              <SessionLookup ContextIdentifier="{KEY}" SessionId="{ONE}"/>
            </SessionLookups>""",
    ),
    (
        "LookupSession",
        "LookupSessionResponse",
        f"""<SessionLookupResults>
              <SessionLookupResult SessionId="{ONE}">
                <DocumentResults>
                  <DocumentResult xmlns="{BASE}Submit" Id="{TWO}" AuthToken="{TOKEN}"/>
                </DocumentResults>
              </SessionLookupResult>
              <SessionLookupResult SessionId="{TWO}">
                <CloseEnvelopeResult xmlns="{BASE}Envelopes" EnvelopeId="{ONE}"/>
              </SessionLookupResult>
              <SessionLookupResult SessionId="{TOKEN}">
                <Exceptions>
                  <SessionLookupException Severity="Warning">Wait.</SessionLookupException>
                </Exceptions>
              </SessionLookupResult>
            </SessionLookupResults>""",
    ),
    (
        "CheckStatus",
        "CheckStatus",
        f"<DocumentStatusChecks><DocumentStatusCheck {WHO}/></DocumentStatusChecks>",
    ),
    (
        "CheckStatus",
        "CheckStatusResponse",
        f"""<DocumentStatusCheckResults>
              <DocumentStatusCheckResult Id="{ONE}" StatusType="SigningStepInProgress"
                  StatusDate="2031-03-19T11:24:08.5231954-04:00" StatusDetails="Step 1"/>
              <DocumentStatusCheckResult Id="{TWO}"><Exceptions/></DocumentStatusCheckResult>
            </DocumentStatusCheckResults>""",
    ),
    (
        "Cancel",
        "Cancel",
        f"""<DocumentCancellations>
              <DocumentCancellation {WHO} Remarks="Signed on paper"/>
            </DocumentCancellations>""",
    ),
    (
        "Cancel",
        "CancelResponse",
        f"""<DocumentCancellationResults>
              <DocumentCancellationResult Id="{ONE}"/>
            </DocumentCancellationResults>""",
    ),
    (
        "Expire",
        "Expire",
        f"<DocumentExpirations><DocumentExpiration {WHO}/></DocumentExpirations>",
    ),
    (
        "ViewHistory",
        "ViewHistory",
        f"<DocumentHistoryViews><DocumentHistoryView {WHO}/></DocumentHistoryViews>",
    ),
    (
        "ViewHistory",
        "ViewHistoryResponse",
        f"""<DocumentHistoryViewResults><DocumentHistoryViewResult Id="{ONE}"><Events>
              <DocumentEvent Date="2031-03-19T11:24:08.5231954-04:00" Details="Started."/>
            </Events></DocumentHistoryViewResult></DocumentHistoryViewResults>""",
    ),
    ("ListSignatories", "ListSignatories", f"<SignatoryListQuery {WHO}/>"),
    (
        "ListSignatories",
        "ListSignatoriesResponse",
        f"""<SignatoryListQueryResult Id="{ONE}"><Signatories>
              <SignatoryItem SignatoryId="{TWO}" SignatoryAuthToken="{TOKEN}" FirstName="Ada"
                             LastName="Byron" EmailAddress="ada@example.com"/>
            </Signatories></SignatoryListQueryResult>""",
    ),
    (
        "ListTemplates",
        "ListTemplates",
        f'<TemplateListQuery ContextIdentifier="{KEY}" UserName="owner@example.com"/>',
    ),
    (
        "ListParameters",
        "ListParameters",
        f"""<ParameterListQuery ContextIdentifier="{KEY}" UserName="owner@example.com"
                                TemplateId="{ONE}"/>""",
    ),
    (
        "ListParameters",
        "ListParametersResponse",
        f"""<ParameterListQueryResult TemplateId="{ONE}"><Parameters>
              <TypedParameterItem Name="Rent" Prompt="Rent a month" Required="true" Regex="[0-9]+"/>
              <DrawnParameterItem Name="Seal" Required="false"/>
              <TypedParameterItem Name="Mail" Required="true"
                                  SystemName="Signatory 1 Email Address"/>
            </Parameters></ParameterListQueryResult>""",
    ),
    (
        "RetrieveTemplateInfo",
        "RetrieveTemplateInfo",
        f"""<TemplateInfoQuery ContextIdentifier="{KEY}" UserName="owner@example.com"
                               TemplateId="{ONE}"/>""",
    ),
    (
        "RetrieveTemplateInfo",
        "RetrieveTemplateInfoResponse",
        f"""<RetrieveTemplateInfoResult TemplateId="{ONE}">
              <TemplateInfo>
                <Metadata Id="{ONE}" Name="Lease" Accessibility="User" Owner="Ada"
                    CreationDate="2031-01-08T15:46:03.6566705-05:00" Culture="en-US"
                    ImmediatePresentment="true" PasswordRequired="false" PageCount="4"
                    DocumentTemplateType="Standard" SignatureDeviceSupportEnabled="false"
                    ModifiedDate="2031-01-08T15:46:03.6566705-05:00"/>
                <JotBlocks>
                  <JotBlockInfo Name="Colour" SigningStep="1" SigningOrder="2" FieldType="Typed"
                      InputType="Signatory" Required="true" Certified="false" Height="0.02"
                      Width="0.3" PositionX="0.1" PositionY="0.7" Page="4" FontSize="12"
                      SignatureFontSize="12" SignatureType="Signature" FontBold="false"
                      FontItalic="false" FontUnderline="false" HorizontalAlignment="Left"
                      VerticalAlignment="Top" WordWrap="true" FontName="Times New Roman"
                      TypedFieldValidationType="NotSpecified" Signatory="Signatory 1"
                      TypedFieldSignatoryInputType="MultipleChoiceRadio">
                    <TypedFieldOptions>
                      <TypedOptionInfo Text="Red" TextValue="r" GraphicRenderType="Check">
                        <FieldRegion Height="0.02" Width="0.02" PositionX="0.1" PositionY="0.7"
                                     Page="4"/>
                      </TypedOptionInfo>
                    </TypedFieldOptions>
                  </JotBlockInfo>
                </JotBlocks>
                <SignerAttachments>
                  <SignerAttachmentInfo SigningStep="1" Required="true" AllowMultiple="false"
                                        Label="Passport" Signatory="Signatory 1"/>
                </SignerAttachments>
                <Parameters>
                  <TypedParameterInfo Name="Rent" Required="true"/>
                </Parameters>
                <Signatories>
                  <SignatoryInfo Signatory="Signatory 1" FullNameParameterName="Tenant"/>
                </Signatories>
                <TermsAndConditions/>
              </TemplateInfo>
            </RetrieveTemplateInfoResult>""",
    ),
    (
        "ListNotifications",
        "ListNotifications",
        f"""<NotificationQueries>
              <NotificationListQuery {WHO}/>
              <NotificationListQuery ContextIdentifier="{KEY}" EnvelopeId="{ONE}"
                                     EnvelopeAuthToken="{TOKEN}"/>
            </NotificationQueries>""",
    ),
    (
        "ListNotifications",
        "ListNotificationsResponse",
        f"""<NotificationQueryResults><NotificationListQueryResult Id="{ONE}">
              <EmailNotifications>
                <EmailNotification NotificationId="{TWO}" Timing="SigningStep_Started"
                                   SigningStep="1" DesignName="Invitation">
                  <Recipients xmlns="{BASE}ResendNotification">
                    <EmailNotificationRecipient IsSignatory="true" EmailAddress="ada@example.com"/>
                  </Recipients>
                </EmailNotification>
              </EmailNotifications>
              <WebNotifications>
                <WebNotification NotificationId="{TWO}" Timing="Document_Completed" Attempts="0"
                                 Endpoint="https://hook.example.com/"/>
              </WebNotifications>
              <DocumentTransmissions>
                <DocumentTransmission NotificationId="{TWO}" TransmissionMethod="Sftp"
                                      Attempts="1"/>
              </DocumentTransmissions>
            </NotificationListQueryResult></NotificationQueryResults>""",
    ),
    (
        "ResendNotification",
        "ResendNotification",
        f"""<ResendRequests>
              <ResendNotificationRequest {WHO}>
                <EmailNotification NotificationId="{TWO}">
                  <Recipients>
                    <EmailNotificationRecipient EmailAddress="ada@example.com"/>
                  </Recipients>
                </EmailNotification>
              </ResendNotificationRequest>
              <ResendNotificationRequest {WHO}>
                <WebNotification NotificationId="{TWO}"/>
              </ResendNotificationRequest>
            </ResendRequests>""",
    ),
    (
        "ResendNotification",
        "ResendNotificationResponse",
        f"""<ResendResults>
              <ResendNotificationResult Id="{ONE}" NotificationId="{TWO}" Success="true"/>
            </ResendResults>""",
    ),
    (
        "UpdateSignatory",
        "UpdateSignatory",
        f"""<SignatoryUpdateRequests>
              <SignatoryUpdateRequest {WHO} SignatoryEmail="ada@example.com" ResendLastEmail="true">
                <UpdatedSignatoryInfo EmailAddress="ada@example.org" MobilePhone="2025550143"/>
              </SignatoryUpdateRequest>
            </SignatoryUpdateRequests>""",
    ),
    ("GetDocumentValues", "GetDocumentValues", f"<DocumentValuesQuery {WHO}/>"),
    (
        "GetDocumentValues",
        "GetDocumentValuesResponse",
        f"""<GetDocumentValuesResult Id="{ONE}"><DocumentValues>
              <JotBlocks><JotBlockInfo Name="Colour" Value="r"/></JotBlocks>
              <Parameters><ParameterInfo Name="Rent" Value="900"/></Parameters>
            </DocumentValues></GetDocumentValuesResult>""",
    ),
    ("Envelopes", "CloseEnvelope", f"<Request {ENVELOPE}/>"),
    ("Envelopes", "CloseEnvelopeResponse", f'<CloseEnvelopeResult EnvelopeId="{ONE}"/>'),
    ("Envelopes", "AsyncCloseEnvelope", f"<Request {ENVELOPE}/>"),
    (
        "Envelopes",
        "AsyncCloseEnvelopeResponse",
        f'<AsyncCloseEnvelopeResult SessionId="{ONE}"/>',
    ),
    ("Envelopes", "CancelEnvelope", f'<Request {ENVELOPE} Remarks="Signed on paper"/>'),
    (
        "Envelopes",
        "CreateEnvelope",
        f"""<Request ContextIdentifier="{KEY}" UserName="owner@example.com" EnvelopeName="Leases"
                     WorkflowType="Parallel" ExpirationDate="2031-05-12"/>""",
    ),
    (
        "Envelopes",
        "CheckEnvelopeStatusResponse",
        f"""<CheckEnvelopeStatusResult EnvelopeId="{ONE}" Status="InProgress">
              <History>
                <EnvelopeHistoryEvent Date="2031-03-19T11:24:08-04:00" Details="Created."/>
              </History>
              <Documents>
                <EnvelopeDocument DocumentId="{TWO}" AuthToken="{TOKEN}" Name="Lease">
                  <Status StatusType="SigningStepInProgress" StatusDetails="Step 1"/>
                </EnvelopeDocument>
              </Documents>
            </CheckEnvelopeStatusResult>""",
    ),
    (
        "Envelopes",
        "DeleteEnvelope",
        f"""<Requests>
              <DeleteEnvelopeRequest ContextIdentifier="{KEY}" EnvelopeId="{ONE}"
                                     EnvelopeAuthToken="{TOKEN}"/>
            </Requests>""",
    ),
    (
        "Envelopes",
        "DeleteEnvelopeResponse",
        f"""<DeleteEnvelopeResult>
              <DeleteEnvelopeResult EnvelopeId="{ONE}"/>
            </DeleteEnvelopeResult>""",
    ),
    (
        "Download",
        "Download",
        f"""<Request ContextIdentifier="{KEY}" DocumentId="{ONE}" AuthToken="{TOKEN}"
                     DownloadType="Completed"/>""",
    ),
    (
        "Download",
        "DownloadResponse",
        f"""<DownloadResult DocumentId="{ONE}" DownloadType="Completed">
              <FileData>{PDF}</FileData>
            </DownloadResult>""",
    ),
    (
        "DownloadTemplate",
        "DownloadTemplate",
        f'<Request ContextIdentifier="{KEY}" TemplateId="{ONE}" UserName="owner@example.com"/>',
    ),
    (
        "AuthenticateDownload",
        "AuthenticateDownload",
        f"""<Request ContextIdentifier="{KEY}" DocumentId="{ONE}" AuthToken="{TOKEN}"
                     Password="open sesame"/>""",
    ),
    (
        "Users",
        "AuthenticateUser",
        '<Request UserName="owner@example.com" Password="open sesame"/>',
    ),
    (
        "Users",
        "CreateUser",
        f"""<Request {MANAGER} UserName="ada@example.com" FirstName="Ada" LastName="Byron"
                     Role="Clerk" RequirePasswordChange="true">
              <AutoGeneratePassword>true</AutoGeneratePassword>
              <SendCredentialsViaEmail>true</SendCredentialsViaEmail>
              <Tags><UserTag Name="Desk" Value="7"/></Tags>
            </Request>""",
    ),
    (
        "Users",
        "UpdateUser",
        f"""<Request {MANAGER} UserName="ada@example.com">
              <AutoGenerateNewPassword xsi:nil="true"/>
              <Locked>false</Locked>
            </Request>""",
    ),
    ("Users", "DeleteUser", f'<Request {MANAGER} UserName="ada@example.com"/>'),
    (
        "Users",
        "DeleteUserResponse",
        '<DeleteUserResult Success="true"><Exceptions/></DeleteUserResult>',
    ),
    (
        "Users",
        "ListUsersResponse",
        """<ListUsersResult Success="true">
             <Users>
               <User UserName="ada@example.com" FirstName="Ada" LastName="Byron" Role="Clerk"
                     RequirePasswordChange="false" Inactive="false" Locked="false"/>
             </Users>
             <Exceptions/>
           </ListUsersResult>""",
    ),
    ("Ping", "Ping", ""),
    ("Ping", "PingResponse", '<PingResult Success="true"/>'),
    (
        "ValidateDocument",
        "ValidateDocument",
        f"""<ValidateDocumentQuery>
              <FileDocument FileType="PDF"><Data>{PDF}</Data></FileDocument>
            </ValidateDocumentQuery>""",
    ),
    (
        "ValidateDocument",
        "ValidateDocumentResponse",
        """<ValidateDocumentResult>
             <ValidationResult Code="COV" DocumentName="Lease" Originator="Ada Byron"
                               DateCompleted="2031-03-19T11:24:08.5231954-04:00"/>
           </ValidateDocumentResult>""",
    ),
    (
        "Links",
        "GetAccessLink",
        f"""<Request ContextIdentifier="{KEY}" DocumentId="{ONE}" DocumentAuthToken="{TOKEN}"
                     DocumentType="Completed"/>""",
    ),
    (
        "Links",
        "GetSigningLinksResponse",
        f"""<GetSigningLinksResult DocumentId="{ONE}"><SigningLinks>
              <SigningLink DocumentId="{ONE}" SignatoryEmail="ada@example.com"
                           Url="https://www.example.com/sign?a=b"/>
            </SigningLinks></GetSigningLinksResult>""",
    ),
    (
        "Accounts",
        "CreateAccount",
        f'<Request {MANAGER} Name="Byron" DisplayName="Byron Ltd" AccountGroup="All"/>',
    ),
    (
        "Accounts",
        "GetAccountResponse",
        f"""<GetAccountResult ContextIdentifier="{KEY}" Inactive="false" Success="true">
              <Roles><Role>Clerk</Role><Role>Manager</Role></Roles>
              <AccountTemplates/>
              <AccountGroups><AccountGroup>All</AccountGroup></AccountGroups>
            </GetAccountResult>""",
    ),
    (
        "Accounts",
        "UpdateAccount",
        f'<Request {MANAGER} Name="Byron and Daughter"><Inactive xsi:nil="true"/></Request>',
    ),
    (
        "Accounts",
        "ListAccountsResponse",
        f"""<ListAccountsResult Success="true">
              <Accounts>
                <Account ContextIdentifier="{KEY}" Inactive="false" Name="Byron"/>
              </Accounts>
              <Exceptions/>
            </ListAccountsResult>""",
    ),
]

# The same, damaged in one place each: contract, root element, content, what libxml2 must name.
DAMAGED = [
    (
        "Submit",
        "AsyncSubmit",
        f"""<Documents><Document ContextIdentifier="{KEY}">
              <Template Id="{ONE}"/><Metadata UserName="owner@example.com"/>
            </Document></Documents>""",
        "Metadata",
    ),
    ("Submit", "AsyncSubmit", DOCUMENT.replace(f'ContextIdentifier="{KEY}"', ""), "required"),
    ("Submit", "AsyncSubmit", DOCUMENT.replace(f'Template Id="{ONE}"', "Template"), "required"),
    ("Submit", "AsyncSubmit", DOCUMENT.replace(KEY, "{" + KEY + "}"), "pattern"),
    ("Submit", "AsyncSubmit", DOCUMENT.replace("2031-05-12", "12 May 2031"), "ExpirationDate"),
    ("Submit", "AsyncSubmit", DOCUMENT.replace("Documents>", "Papers>"), "Papers"),
    ("Submit", "AsyncSubmit", DOCUMENT.replace("<Documents>", '<Documents xmlns="">'), "Documents"),
    ("Submit", "AsyncSubmitResponse", "<AsyncSubmitResult/>", "SessionId"),
    (
        "Submit",
        "SubmitWithFile",
        f"""<Documents><FileDocument ContextIdentifier="{KEY}">
              <UnderlyingFile FileType="XLS"/>
            </FileDocument></Documents>""",
        "XLS",
    ),
    (
        "LookupSession",
        "LookupSession",
        f'<SessionLookups><SessionLookup ContextIdentifier="{KEY}"/></SessionLookups>',
        "SessionId",
    ),
    (
        "CheckStatus",
        "CheckStatus",
        f"""<DocumentStatusChecks>
              <DocumentStatusCheck Id="{ONE}" AuthToken="{TOKEN}"/>
            </DocumentStatusChecks>""",
        "ContextIdentifier",
    ),
    (
        "CheckStatus",
        "CheckStatusResponse",
        f"""<DocumentStatusCheckResults>
              <DocumentStatusCheckResult Id="{ONE}" StatusType="Finished"/>
            </DocumentStatusCheckResults>""",
        "Finished",
    ),
    ("Envelopes", "AsyncCloseEnvelope", f"<CloseEnvelopeRequest {ENVELOPE}/>", "Request"),
    ("Envelopes", "AsyncCloseEnvelope", f"<Request {ENVELOPE}/>".replace(ONE, ONE[:-1]), "pattern"),
    (
        "Envelopes",
        "CreateEnvelope",
        f'<Request ContextIdentifier="{KEY}" WorkflowType="parallel"/>',
        "parallel",
    ),
    (
        "RetrieveTemplateInfo",
        "RetrieveTemplateInfoResponse",
        f"""<RetrieveTemplateInfoResult TemplateId="{ONE}">
              <TemplateInfo/><Exceptions/>
            </RetrieveTemplateInfoResult>""",
        "Exceptions",
    ),
    (
        "ListParameters",
        "ListParametersResponse",
        f"""<ParameterListQueryResult TemplateId="{ONE}"><Parameters>
              <TypedParameterItem Name="Rent"/>
            </Parameters></ParameterListQueryResult>""",
        "Required",
    ),
    (
        "ResendNotification",
        "ResendNotification",
        f"""<ResendRequests><ResendNotificationRequest {WHO}>
              <EmailNotification NotificationId="{TWO}"/>
              <WebNotification NotificationId="{TWO}"/>
            </ResendNotificationRequest></ResendRequests>""",
        "WebNotification",
    ),
    (
        "ResendNotification",
        "ResendNotification",
        f"""<ResendRequests><ResendNotificationRequest {WHO}>
              <EmailNotification Timing="Document_Started"/>
            </ResendNotificationRequest></ResendRequests>""",
        "NotificationId",
    ),
    (
        "Users",
        "CreateUser",
        f"""<Request {MANAGER}>
              <SendCredentialsViaEmail>true</SendCredentialsViaEmail>
              <AutoGeneratePassword>true</AutoGeneratePassword>
            </Request>""",
        "AutoGeneratePassword",
    ),
    ("Users", "UpdateUser", f"<Request {MANAGER}><Locked>yes</Locked></Request>", "yes"),
    (
        "ValidateDocument",
        "ValidateDocument",
        """<ValidateDocumentQuery><FileDocument FileType="PDF">
             <Data>not base64</Data>
           </FileDocument></ValidateDocumentQuery>""",
        "base64Binary",
    ),
    (
        "Links",
        "GetAccessLink",
        f'<Request ContextIdentifier="{KEY}" DocumentType="COMPLETED"/>',
        "COMPLETED",
    ),
    ("Ping", "Ping", "<Request/>", "content is not allowed"),
]


def parse(path: Path) -> etree._Element:
    return etree.parse(path).getroot()


def named(root: etree._Element) -> list[etree._Element]:
    """Every declaration of a schema that a reader of the generated code meets."""
    kinds = ("element", "attribute", "complexType", "simpleType", "enumeration")
    found = [node for kind in kinds for node in root.iter(XS + kind)]
    # The anonymous type of a wrapper element is documented by the element.
    return [n for n in found if n.get("name") or n.get("value") or n.get("ref")]


def label(node: etree._Element) -> str:
    path = [n.get("name") or n.get("value") or n.get("ref") for n in (node, *node.iterancestors())]
    return "/".join(reversed([part for part in path if part]))


def document_of(contract: str, root: str, content: str) -> etree._Element:
    xsi = "http://www.w3.org/2001/XMLSchema-instance"
    return etree.fromstring(
        f'<{root} xmlns="{BASE}{contract}" xmlns:xsi="{xsi}">{content}</{root}>'
    )


@pytest.fixture(scope="module")
def schemas() -> dict[str, etree.XMLSchema]:
    return {name: etree.XMLSchema(etree.parse(SCHEMAS / f"{name}.xsd")) for name in CONTRACTS}


@pytest.mark.parametrize("path", XSDS, ids=lambda path: path.stem)
def test_each_schema_compiles_alone(path: Path) -> None:
    etree.XMLSchema(etree.parse(path))


def test_each_contract_has_both_files() -> None:
    wsdls = {path.stem for path in SCHEMAS.glob("*.wsdl")} - {ROOT_WSDL.stem}
    assert set(CONTRACTS) == wsdls == set(OPERATIONS)


@pytest.mark.parametrize("contract", CONTRACTS)
def test_names_follow_from_the_contract(contract: str) -> None:
    namespace = BASE + contract
    schema, wsdl = parse(SCHEMAS / f"{contract}.xsd"), parse(SCHEMAS / f"{contract}.wsdl")
    assert schema.get("targetNamespace") == wsdl.get("targetNamespace") == namespace
    assert schema.get("elementFormDefault") == "qualified"

    (port_type,) = wsdl.findall(WSDL + "portType")
    (binding,) = wsdl.findall(WSDL + "binding")
    interface = port_type.get("name")
    assert binding.get("name") == f"BasicHttpBinding_{interface}"
    assert binding.get("type") == f"tns:{interface}"
    assert wsdl.find(WSDL + "service") is None

    actions = {
        operation.get("name"): operation.find(SOAP + "operation").get("soapAction")
        for operation in binding.findall(WSDL + "operation")
    }
    assert actions == {name: f"{namespace}/{interface}/{name}" for name in OPERATIONS[contract]}
    elements = {node.get("name") for node in schema.findall(XS + "element")}
    assert elements >= {n + end for n in OPERATIONS[contract] for end in ("", "Response")}


def test_the_whole_service_loads_in_zeep() -> None:
    client = zeep.Client(str(ROOT_WSDL))
    assert list(client.wsdl.services) == ["DocumentNowWcfService"]
    ports = client.wsdl.services["DocumentNowWcfService"].ports
    assert len(ports) == len(OPERATIONS)
    addresses = {port.binding_options["address"] for port in ports.values()}
    assert addresses == {f"{SERVICE_FILE}{contract}/text" for contract in OPERATIONS}
    found = {}
    for name, port in ports.items():
        assert port.binding.name.localname == name
        for operation in port.binding.all().values():
            found[operation.soapaction] = operation.name
    assert len(found) == sum(map(len, OPERATIONS.values()))
    assert set(found.values()) == set().union(*OPERATIONS.values())


@pytest.mark.parametrize("path", XSDS, ids=lambda path: path.stem)
def test_everything_is_documented(path: Path) -> None:
    declarations = named(parse(path))
    assert declarations
    bare = []
    for node in declarations:
        text = node.findtext(f"{XS}annotation/{XS}documentation") or ""
        if not text.strip() or text != text.strip() or not text.rstrip('"').endswith("."):
            bare.append(label(node))
    assert bare == []


@pytest.mark.parametrize("path", XSDS, ids=lambda path: path.stem)
def test_everything_global_tells_how_it_is_known(path: Path) -> None:
    for node in parse(path).iterchildren(XS + "element", XS + "complexType", XS + "simpleType"):
        assert node.get(ESW + "basis") in BASES, label(node)


@pytest.mark.parametrize("contract", CONTRACTS)
def test_operations_are_documented_and_tell_how_they_are_known(contract: str) -> None:
    port_type = parse(SCHEMAS / f"{contract}.wsdl").find(WSDL + "portType")
    assert port_type is not None
    assert (port_type.findtext(WSDL + "documentation") or "").strip()
    for operation in port_type.findall(WSDL + "operation"):
        name = operation.get("name")
        said = operation.find(ESW + "operation")
        assert said is not None
        assert said.get("basis") in BASES, name
        assert (operation.findtext(WSDL + "documentation") or "").strip(), name
        assert said.get("safe") in {None, "true"}, name
        assert name not in UNSAFE or said.get("safe") is None, name


@pytest.mark.parametrize("path", sorted(SCHEMAS.glob("*.wsdl")), ids=lambda path: path.stem)
def test_what_is_foreign_stands_where_the_schema_of_wsdl_lets_it(path: Path) -> None:
    """Stacks that validate what they load refuse it elsewhere."""
    root = parse(path)
    for node in root.iter(WSDL + "*"):
        assert not [name for name in node.attrib if name.startswith("{")], label(node)
        kinds = [
            child.tag.startswith(WSDL) for child in node if child.tag != WSDL + "documentation"
        ]
        assert kinds == sorted(kinds), label(node)
    # strong-soap looks for a namespace of the schema that imports, SOAP::WSDL for the style.
    for node in root.iter(XS + "schema"):
        assert node.get("targetNamespace") == f"{root.get('targetNamespace')}/Imports"
    for node in root.iter(SOAP + "operation"):
        assert node.get("style") == "document"


@pytest.mark.parametrize("path", XSDS, ids=lambda path: path.stem)
def test_secrets_are_marked(path: Path) -> None:
    endings = ("ContextIdentifier", "AuthToken", "AuthenticationToken", "Password", "Url")
    # An address to which a person is sent afterwards opens nothing.
    harmless = {"RedirectUrl"}
    open_secrets = []
    for node in parse(path).iter(XS + "element", XS + "attribute"):
        name, kind = node.get("name", ""), node.get("type", "")
        secret = kind == "xs:base64Binary" or (
            kind in {"xs:string", "ms:guid"} and name.endswith(endings) and name not in harmless
        )
        if secret and node.get(ESW + "sensitive") != "true":
            open_secrets.append(label(node))
    assert open_secrets == []


@pytest.mark.parametrize(
    ("contract", "owner", "member"),
    [
        ("Submit", "Parameter", "Value"),
        ("GetDocumentValues", "JotBlockInfo", "Value"),
        ("GetDocumentValues", "ParameterInfo", "Value"),
        ("Download", "DownloadRequest", "DownloadSessionId"),
        ("AuthenticateDownload", "DownloadAuthenticationResult", "SessionId"),
        ("Links", "Link", "Url"),
        ("ResendNotification", "SmsNotification", "Body"),
    ],
)
def test_secrets_without_a_telling_name_are_marked(contract: str, owner: str, member: str) -> None:
    (found,) = parse(SCHEMAS / f"{contract}.xsd").xpath(
        "//*[@name=$owner]//*[@name=$member]", owner=owner, member=member
    )
    assert found.get(ESW + "sensitive") == "true"


@pytest.mark.parametrize("contract", CONTRACTS)
def test_the_account_is_always_named(contract: str) -> None:
    for node in parse(SCHEMAS / f"{contract}.xsd").iter(XS + "attribute"):
        if node.get("name") == "ContextIdentifier":
            assert node.get("use") == "required", label(node)


@pytest.mark.parametrize("contract", CONTRACTS)
def test_other_names_do_not_hide_members(contract: str) -> None:
    for node in parse(SCHEMAS / f"{contract}.xsd").iter(XS + "element"):
        siblings = {other.get("name") for other in node.getparent().iterchildren(XS + "element")}
        assert not siblings & set(node.get(ESW + "also", "").split()), label(node)


def test_exceptions_have_the_same_three_severities() -> None:
    severities = [
        node
        for contract in CONTRACTS
        for node in parse(SCHEMAS / f"{contract}.xsd").findall(XS + "simpleType")
        if node.get("name", "").endswith("Severity")
    ]
    assert severities
    for node in severities:
        values = [value.get("value") for value in node.iter(XS + "enumeration")]
        assert values[:3] == ["Warning", "Error", "Fatal"], label(node)


@pytest.mark.parametrize(
    ("contract", "root", "content"), SAMPLES, ids=[f"{s[1]}-{i}" for i, s in enumerate(SAMPLES)]
)
def test_vendor_samples_are_valid(
    schemas: dict[str, etree.XMLSchema], contract: str, root: str, content: str
) -> None:
    schemas[contract].assertValid(document_of(contract, root, content))


@pytest.mark.parametrize(
    ("contract", "root", "content", "names"),
    DAMAGED,
    ids=[f"{s[1]}-{i}" for i, s in enumerate(DAMAGED)],
)
def test_damaged_samples_are_refused(
    schemas: dict[str, etree.XMLSchema], contract: str, root: str, content: str, names: str
) -> None:
    schema = schemas[contract]
    assert not schema.validate(document_of(contract, root, content))
    assert names in str(schema.error_log)


def test_nothing_outside_the_folder_is_referred_to() -> None:
    for path in SCHEMAS.iterdir():
        for node in parse(path).iter("{*}import", "{*}include"):
            location = node.get("schemaLocation") or node.get("location")
            assert not urllib.parse.urlsplit(location).scheme
            assert (SCHEMAS / location).parent == SCHEMAS
            assert (SCHEMAS / location).is_file()


def test_php_loads_the_whole_service() -> None:
    php = php_with_soap()
    if php is None:
        pytest.skip("PHP with its SOAP extension is not installed")
    program = """
        $client = new SoapClient($argv[1], ['cache_wsdl' => WSDL_CACHE_NONE]);
        foreach (array_unique($client->__getFunctions()) as $line) { echo $line, "\\n"; }
    """
    done = subprocess.run(
        [php, "-r", program, str(ROOT_WSDL)], capture_output=True, text=True, check=True, timeout=60
    )
    expected = {f"{n}Response {n}({n} $parameters)" for ns in OPERATIONS.values() for n in ns}
    assert set(done.stdout.splitlines()) == expected
    assert done.stderr == ""


def test_gsoap_loads_the_whole_service(tmp_path: Path) -> None:
    wsdl2h = shutil.which("wsdl2h")
    if wsdl2h is None:
        pytest.skip("gSOAP is not installed")
    header = tmp_path / "service.h"
    done = subprocess.run(
        [wsdl2h, "-o", str(header), ROOT_WSDL.name],
        cwd=SCHEMAS,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    # It names the file of its own type map where it finds none, and our annotations, which WSDL
    # allows there; nothing else may be complained of.
    said = [line for line in done.stderr.splitlines() if "warning" in line.lower()]
    marks = ("unexpected element 'esw:", "typemap")
    assert [line for line in said if not any(mark in line for mark in marks)] == []
    actions = re.findall(
        r"^//gsoap \S+ +service method-input-action:\s+(\S+)", header.read_text(), re.MULTILINE
    )
    assert sorted(actions) == sorted(set().union(*OPERATIONS.values()))
