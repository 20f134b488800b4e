"""Plans of the methods that a vendor's client has: one for each operation, from the annotations.

A plan says which arguments a method takes, how they make up the message, and what comes back. What
an annotation claims is checked here, so that none is without effect.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from generator.model import (
    ComplexType,
    Contract,
    Kind,
    Member,
    Operation,
    Scalar,
    Vendor,
)
from generator.names import class_name
from generator.problems import SchemaProblem

# What a method has beside the members of the message.
_OWN_ARGUMENTS = {"progress", "questions", "self", "timeout"}
# Every client has these methods.
_OWN_METHODS = {"aclose", "close"}
# After all that a schema ranks: what a request is about.
_LAST = 1_000


class ArgumentKind(StrEnum):
    """How an argument becomes a part of the message."""

    PLAIN = "plain"
    IDENTIFIER = "identifier"
    HANDLE = "handle"
    LIST = "list"
    OWNER = "owner"


@dataclass(slots=True, kw_only=True)
class Argument:
    """One argument of a method.

    Attributes:
        name: Its name.
        kind: How it becomes a part of the message.
        member: The member that it stands for; of a handle, that of the identifier.
        owner: The type that has the member.
        is_required: Whether a caller must give it.
        setting: The setting of the client that stands for it where it is not given.
        token: Of a handle, the member of the token.
    """

    name: str
    kind: ArgumentKind
    member: Member
    owner: ComplexType
    is_required: bool
    setting: str | None = None
    token: Member | None = None


@dataclass(slots=True, kw_only=True)
class Credential:
    """A member that the client alone fills in.

    Attributes:
        setting: The setting of the client.
    """

    setting: str


@dataclass(slots=True, kw_only=True)
class Part:
    """A type of the message, with what fills each of its members.

    Attributes:
        type: The type.
        contents: Each member, with what fills it.
    """

    type: ComplexType
    contents: list[tuple[Member, Part | Argument | Credential]] = field(default_factory=list)

    def arguments(self) -> Iterator[Argument]:
        """Yields the arguments; a handle comes once."""
        for member, content in self.contents:
            if isinstance(content, Part):
                yield from content.arguments()
            elif isinstance(content, Argument) and member is content.member:
                yield content


@dataclass(slots=True, kw_only=True)
class Many:
    """What an operation with a list of questions has beside the others.

    Attributes:
        questions: The steps from the request to the list of questions.
        answers: The steps from the answer to the list of results.
        result: The type of one result.
        keys: How a result is matched to its question: the places in the question, of which the
            first that has a value counts, and the member of the result. Empty where the order
            counts.
    """

    questions: tuple[Member, Member]
    answers: tuple[Member, Member]
    result: ComplexType
    keys: list[tuple[tuple[str, ...], str]]


@dataclass(slots=True, kw_only=True)
class Method:
    """One method of the client.

    Attributes:
        operation: The operation.
        contract: The contract that it belongs to.
        body: The message, or one question of it.
        many: What else there is where the operation takes a list.
        by_hand: The method of the client by which the operation is called instead; ``None`` where
            this one is compiled.
    """

    operation: Operation
    contract: Contract
    body: Part
    many: Many | None
    by_hand: str | None

    @property
    def arguments(self) -> list[Argument]:
        """The arguments: required ones first, those of the account last."""
        return sorted(
            self.body.arguments(),
            key=lambda one: (
                not one.is_required,
                one.kind is ArgumentKind.OWNER,
                one.kind.value != "handle",
            ),
        )

    @property
    def lists(self) -> Many:
        """What there is beside the others where the operation takes a list, as it must here."""
        if self.many is None:
            raise TypeError(f"{self.operation.name} takes no list")
        return self.many

    @property
    def leading(self) -> Argument | None:
        """The argument that may be given without its name, if there is one."""
        required = [one for one in self.arguments if one.is_required]
        is_clear = len(required) == 1 or (required and required[0].kind is ArgumentKind.HANDLE)
        return required[0] if is_clear else None

    @property
    def question(self) -> str:
        """The name of the class of one question's arguments."""
        return f"{class_name(self.operation.name)}Question"


@dataclass(slots=True, kw_only=True)
class Plan:
    """The methods of one vendor's client.

    Attributes:
        methods: The methods, those by hand too.
        settings: The settings of the client that fill in members, with the member that each fills.
    """

    methods: list[Method]
    settings: dict[str, Member]

    @property
    def compiled(self) -> list[Method]:
        """The methods that are compiled."""
        return [one for one in self.methods if one.by_hand is None]


def is_array(one: object) -> bool:
    """Whether a type holds one list and nothing else, as .NET wraps its arrays."""
    return (
        isinstance(one, ComplexType)
        and one.base is None
        and len(one.members) == 1
        and one.members[0].is_list
        and one.members[0].kind in {Kind.ELEMENT, Kind.CHOICE}
    )


def structure(member: Member) -> ComplexType:
    """The type of a member that is known to have elements or attributes of its own."""
    if not isinstance(member.value, ComplexType):
        raise TypeError(f"{member.xml_name} is a simple value")
    return member.value


def methods_by_hand(source_root: Path, vendor: str) -> frozenset[str]:
    """The names that the vendor's handwritten client defines."""
    return frozenset(
        node.name
        for owner in _classes(source_root / vendor / "async_client.py")
        for node in owner.body
        if isinstance(node, ast.AsyncFunctionDef | ast.FunctionDef)
    )


def _settings_of(source_root: Path, vendor: str) -> frozenset[str]:
    """The settings of the vendor's handwritten client; none where there is no such client."""
    return frozenset(
        node.target.id
        for owner in _classes(source_root / vendor / "settings.py")
        if owner.name.endswith("Settings")
        for node in owner.body
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name)
    )


def _classes(path: Path) -> list[ast.ClassDef]:
    if not path.is_file():
        return []
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return [node for node in tree.body if isinstance(node, ast.ClassDef)]


def plan_operations(vendor: Vendor, source_root: Path) -> Plan:
    """Plans the methods, and marks in the model what other writers need to know.

    The operations of the vendor learn their results and what they are looked up by. ``source_root``
    is the folder ``src/esignwire``, with the handwritten client.

    Raises:
        SchemaProblem: An annotation cannot hold, is without effect, or two methods or arguments
            would have one name.
    """
    planner = _Planner(
        vendor, methods_by_hand(source_root, vendor.name), _settings_of(source_root, vendor.name)
    )
    planner.mark_arrays()
    planner.plan_results()
    for contract in vendor.contracts:
        for operation in contract.operations:
            planner.plan(contract, operation)
    planner.refuse_clashes()
    planner.refuse_unused()
    return Plan(methods=planner.methods, settings=planner.settings)


class _Planner:
    def __init__(
        self, vendor: Vendor, by_hand: frozenset[str], known_settings: frozenset[str]
    ) -> None:
        self.vendor = vendor
        self.by_hand = by_hand
        self.known_settings = known_settings
        self.methods: list[Method] = []
        self.settings: dict[str, Member] = {}
        self.used: set[tuple[int, str]] = set()

    # --- answers ---

    def mark_arrays(self) -> None:
        """Marks the arrays of answers that are there even where the message leaves them out."""
        # An answer that holds one array and nothing else: where that is missing or nil, the vendor
        # answered no question, and None tells it from an array with nothing in it.
        envelopes = {
            id(operation.response.type)
            for contract in self.vendor.contracts
            for operation in contract.operations
            if len(operation.response.type.members) == 1
        }
        for one in self.vendor.types:
            for member in one.own_members:
                member.is_wrapped_list = (
                    one.is_response
                    and not one.is_request
                    and id(one) not in envelopes
                    and is_array(member.value)
                    and isinstance(member.value, ComplexType)
                    and not member.value.members[0].is_required
                    and not member.is_list
                    and not member.is_nillable
                    # In a choice, an array that is left out would leave nothing.
                    and not member.least
                    # Programs test these for None: a refusal must not turn into success.
                    and not member.marks.is_exceptions
                )

    def plan_results(self) -> None:
        """Checks what is marked in the types of answers: refusals, sessions and handles."""
        for one in self.vendor.types:
            if not one.is_response:
                continue
            for member in one.members:
                if member.marks.is_exceptions:
                    self._check_exceptions(one, member)
                if member.marks.is_success:
                    if member.value is not Scalar.BOOLEAN:
                        raise _problem(f"{one.xml_name}: esw:success is for booleans", member)
                    self._use(member, "success")
                if member.marks.lookup is not None and not one.is_request:
                    if member.value is not Scalar.UUID:
                        raise _problem(
                            f"{one.xml_name}: in an answer, esw:lookup is for the identifier of "
                            "a session",
                            member,
                        )
                    self._use(member, "lookup")
            for identifier, token in self._handles(one):
                self._use(identifier, "reference")
                self._use(token, "token")

    def _check_exceptions(self, owner: ComplexType, member: Member) -> None:
        array = member.value
        item = (
            array.members[0].value if is_array(array) and isinstance(array, ComplexType) else None
        )
        names = (
            {one.python_name for one in item.members} if isinstance(item, ComplexType) else set()
        )
        if member.is_list or names != {"value", "severity"}:
            raise _problem(
                f"{owner.xml_name}: esw:exceptions is for a list of texts with a Severity", member
            )
        self._use(member, "exceptions")

    def _handles(self, one: ComplexType) -> list[tuple[Member, Member]]:
        """The pairs of an identifier and its token."""
        identifiers = {m.marks.reference: m for m in one.members if m.marks.reference}
        tokens = {m.marks.token: m for m in one.members if m.marks.token}
        count = sum(bool(m.marks.reference or m.marks.token) for m in one.members)
        for member in (*identifiers.values(), *tokens.values()):
            name = member.marks.reference or member.marks.token
            if name not in identifiers or name not in tokens or count != 2 * len(identifiers):
                raise _problem(
                    f'{one.xml_name}: "{name}" needs one esw:reference and one esw:token', member
                )
            if member.value is not Scalar.UUID or member.is_list:
                raise _problem(f"{one.xml_name}: esw:reference and esw:token are for GUIDs", member)
        return [(identifiers[name], tokens[name]) for name in identifiers]

    # --- operations ---

    def plan(self, contract: Contract, operation: Operation) -> None:
        """Plans the method of one operation."""
        request = operation.request.type
        many = self._many(operation)
        if many is None:
            before = set(self.used), dict(self.settings)
            body = self._part(request, is_root=True)
            if _first_twice(body) is not None:
                # Members of two structures share a name: each structure is an argument then.
                self.used, self.settings = before
                body = self._part(request)
        else:
            body = self._part(structure(many.questions[1]))
        self._plan_lookup(operation)
        self._plan_result(operation, is_list=many is not None)
        marked = operation.by_hand
        if marked is not None and marked not in self.by_hand:
            raise SchemaProblem(
                f"operation {operation.name}: the client has no method {marked} of its own",
                *operation.place,
            )
        taken = set(self.by_hand)
        if contract.wsdl_file is None:
            # Of several versions of a method the client has the first contract's.
            taken |= {one.operation.python_name for one in self.methods}
        own = operation.python_name if operation.python_name in taken else None
        method = Method(
            operation=operation, contract=contract, body=body, many=many, by_hand=marked or own
        )
        twice = _first_twice(body)
        if twice is not None:
            raise SchemaProblem(
                f"operation {operation.name}: two arguments would be {twice}", *operation.place
            )
        self.methods.append(method)

    def _many(self, operation: Operation) -> Many | None:
        asked = _array_in(operation.request.type)
        told = _array_in(operation.response.type)
        if asked is None or told is None:
            return None
        question, result = asked[1].value, told[1].value
        if not isinstance(question, ComplexType) or not isinstance(result, ComplexType):
            return None
        keys: list[tuple[tuple[str, ...], str]] = []
        for member in result.members:
            if not member.marks.key:
                continue
            places = tuple(self._place(question, path, member) for path in member.marks.key)
            keys.append((places, member.python_name))
            self._use(member, "key")
        return Many(questions=asked, answers=told, result=result, keys=keys)

    def _place(self, question: ComplexType, path: str, key: Member) -> str:
        """Where a key of the answer stands in the question, as Python spells it."""
        names: list[str] = []
        owner: object = question
        found: Member | None = None
        for step in path.split("/"):
            members = owner.members if isinstance(owner, ComplexType) else []
            found = next((one for one in members if one.xml_name == step), None)
            if found is None or found.is_list:
                raise _problem(f"esw:key: {question.xml_name} holds no single {path}", key)
            names.append(found.python_name)
            owner = found.value
        if found is None or found.value is not key.value:
            raise _problem(f"esw:key: {path} and {key.xml_name} are of different types", key)
        return ".".join(names)

    def _part(
        self, one: ComplexType, around: tuple[ComplexType, ...] = (), *, is_root: bool = False
    ) -> Part:
        part = Part(type=one)
        handles = {id(member): pair for pair in self._handles(one) for member in pair}
        made: dict[int, Argument] = {}
        members = one.members
        for member in members:
            value = member.value
            is_single = isinstance(value, ComplexType) and not member.is_list
            # The wrappers around a message, and those that hold one thing.
            is_wrapper = is_single and not is_array(value) and (is_root or len(members) == 1)
            if is_wrapper and value not in (one, *around):
                part.contents.append((member, self._part(structure(member), (*around, one))))
                continue
            pair = handles.get(id(member))
            if pair is not None:
                argument = made.get(id(pair[0]))
                if argument is None:
                    argument = self._handle(one, *pair)
                    made[id(pair[0])] = argument
                part.contents.append((member, argument))
                continue
            if member.marks.credential:
                self._use(member, "credential")
                self._setting(member.marks.credential, member)
                part.contents.append((member, Credential(setting=member.marks.credential)))
                continue
            part.contents.append((member, self._argument(one, member)))
        return part

    def _handle(self, owner: ComplexType, identifier: Member, token: Member) -> Argument:
        self._use(identifier, "reference")
        self._use(token, "token")
        name = identifier.marks.reference
        if name is None or identifier.is_required is not token.is_required:
            raise _problem(
                f"{owner.xml_name}: {identifier.xml_name} and {token.xml_name} make one argument:"
                " both are required, or neither is",
                token,
            )
        return Argument(
            name=name,
            kind=ArgumentKind.HANDLE,
            member=identifier,
            owner=owner,
            is_required=_is_required(identifier),
            token=token,
        )

    def _argument(self, owner: ComplexType, member: Member) -> Argument:
        setting = member.marks.account
        kind = ArgumentKind.PLAIN
        is_required = _is_required(member)
        if setting is not None:
            if member.is_list or member.value not in {Scalar.UUID, Scalar.STRING}:
                raise _problem(f"{owner.xml_name}: esw:account is for GUIDs and texts", member)
            self._use(member, "account")
            self._setting(setting, member)
            kind, is_required = ArgumentKind.OWNER, False
        elif member.is_list or is_array(member.value):
            kind = ArgumentKind.LIST
        elif member.value is Scalar.UUID:
            kind = ArgumentKind.IDENTIFIER
        name = member.python_name
        argument = Argument(
            name=f"{name}_" if name in _OWN_ARGUMENTS else name,
            kind=kind,
            member=member,
            owner=owner,
            is_required=is_required,
            setting=setting,
        )
        for filled in filled_members(argument):
            self._use(filled, "account")
            self._setting(filled.marks.account or "", filled)
        return argument

    def _setting(self, setting: str, member: Member) -> None:
        if self.known_settings and setting not in self.known_settings:
            known = ", ".join(sorted(self.known_settings))
            raise _problem(f'the client has no setting "{setting}"; it has {known}', member)
        first = self.settings.setdefault(setting, member)
        if first.value is not member.value:
            raise _problem(
                f'the setting "{setting}" fills in members of different types: {first.xml_name} '
                f"and {member.xml_name}",
                member,
            )

    def _plan_lookup(self, operation: Operation) -> None:
        found: list[tuple[int, list[Member], Member]] = []

        def visit(one: ComplexType, trail: list[Member]) -> None:
            if len(trail) > 5:
                return
            for member in one.members:
                if member.marks.lookup is not None:
                    if not isinstance(member.value, Scalar) or member.is_list or member.is_secret:
                        raise _problem(
                            f"{one.xml_name}: esw:lookup is for one simple value that is no secret",
                            member,
                        )
                    self._use(member, "lookup")
                    found.append((member.marks.lookup, trail, member))
                elif member.marks.reference is not None:
                    found.append((_LAST, trail, member))
                elif isinstance(member.value, ComplexType) and member not in trail:
                    visit(member.value, [*trail, member])

        visit(operation.request.type, [])
        if not found:
            return
        found.sort(key=lambda one: one[0])
        trail = found[0][1]
        lists = [number for number, member in enumerate(trail) if member.is_list]
        depth = lists[-1] + 1 if lists else 0
        operation.lookup_items = ".".join(member.python_name for member in trail[:depth])
        operation.lookup = tuple(
            ".".join(one.python_name for one in (*steps[depth:], member))
            for _, steps, member in found
            if steps[:depth] == trail[:depth] and not any(one.is_list for one in steps[depth:])
        )

    def _plan_result(self, operation: Operation, *, is_list: bool) -> None:
        response = operation.response.type
        marked = [one for one in response.members if one.marks.is_result]
        members = response.members if len(response.members) == 1 else marked
        if is_list or len(members) != 1:
            return
        (member,) = members
        is_single = isinstance(member.value, ComplexType) and not member.is_list
        if marked:
            if not is_single:
                raise _problem(f"{response.xml_name}: esw:result is for one structure", member)
            self._use(member, "result")
        if is_single:
            operation.result = member.python_name

    # --- what must not be ---

    def refuse_clashes(self) -> None:
        """Refuses operations that would become one method."""
        seen: dict[str, Method] = {}
        for method in self.methods:
            operation = method.operation
            if method.by_hand is not None:
                continue
            names = [operation.python_name]
            if method.many is not None:
                names.append(f"{operation.python_name}_all")
            for name in names:
                if name in seen or name in _OWN_METHODS or (name in self.by_hand):
                    other = "the client itself"
                    if name in seen:
                        other = f"{seen[name].operation.name} of {seen[name].contract.name}"
                    raise SchemaProblem(
                        f"operation {operation.name} of {method.contract.name} would become the "
                        f"method {name}, as {other} does: a client has each method once",
                        *operation.place,
                    )
                seen[name] = method

    def refuse_unused(self) -> None:
        """Refuses annotations that had no effect."""
        for one in self.vendor.types:
            for member in one.own_members:
                for part in (member, *member.alternatives):
                    for name in part.marks.given:
                        if (id(part), name) not in self.used:
                            raise _problem(
                                f"{one.xml_name}: esw:{name} has no effect on {part.xml_name}: "
                                "no method takes or returns it directly",
                                part,
                            )

    def _use(self, member: Member, name: str) -> None:
        self.used.add((id(member), name))


def _first_twice(part: Part) -> str | None:
    """The first name that two arguments of a message would have."""
    seen: set[str] = set()
    for argument in part.arguments():
        if argument.name in seen:
            return argument.name
        seen.add(argument.name)
    return None


def _array_in(root: ComplexType) -> tuple[Member, Member] | None:
    """The steps to the list where a message holds one array and nothing else."""
    if len(root.members) != 1:
        return None
    array = root.members[0].value
    if root.members[0].is_list or not is_array(array) or not isinstance(array, ComplexType):
        return None
    return root.members[0], array.members[0]


def _is_required(member: Member) -> bool:
    return member.is_required and not member.is_nillable and member.default is None


def _problem(message: str, member: Member) -> SchemaProblem:
    return SchemaProblem(message, *member.place)


def filled_members(argument: Argument) -> list[Member]:
    """The members of an argument's structure that the client fills in, such as an owner's name."""
    value = argument.member.value
    if argument.kind is not ArgumentKind.PLAIN or not isinstance(value, ComplexType):
        return []
    return [one for one in value.members if one.marks.account]
