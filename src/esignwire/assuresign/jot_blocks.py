"""JotBlocks: places of a page that a signer, a parameter or a fixed value fills."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from typing import Self, TypedDict, TypeVar, Unpack, cast

from esignwire._codec import Given, name_of_kind
from esignwire.assuresign.settings import VENDOR
from esignwire.errors import InvalidRequest
from esignwire_generated.assuresign.types import submit

__all__ = ["JotBlock", "check_jot_block", "plain_jot_block"]

_AnyBlock = TypeVar("_AnyBlock", bound=submit.JotBlock)
_InputType = submit.TypedJotBlockSignatoryInputType
_Mark = submit.TypedJotBlockGraphicRenderType

_NAMING = (
    "signatory_email",
    "signatory_email_parameter_name",
    "signatory_mobile_phone",
    "signatory_mobile_phone_parameter_name",
)
_MOST_SHOWN = 1e15
_RATIOS = ("position_x", "position_y", "width", "height")
# The vendor's page tells both (documented).
_LONGEST = {"signatory_email": 128, "signatory_email_parameter_name": 50}


class _Placed(TypedDict):
    """Where a block stands: the page, and a rectangle in ratios of the page."""

    page: int
    x: float
    y: float
    width: float
    height: float


class _Block(_Placed, total=False):
    """What any new block may say beside its place.

    Attributes:
        instructions: What the signer is told to do here.
        required: Whether it must be filled.
        certified: Whether the block is certified.
        border: The border; left out, the vendor draws one around certified blocks alone.
        source_group: The group of blocks that show the same entry.
        signing_step: The step of the workflow, 0 to 255.
        signing_order: The place among the blocks of the step.
    """

    instructions: str | None
    required: bool | None
    certified: bool | None
    border: submit.JotBlockBorderType | None
    source_group: str | None
    signing_step: int | None
    signing_order: int | None


class _Signed(_Block, total=False):
    """What a block that a signer fills may say: exactly one of these four names the signer.

    Attributes:
        signatory_email: The signer's e-mail address, 128 characters at most; it must be that of a
            signer of the submission, in the same upper and lower case.
        signatory_email_parameter_name: The parameter with that address, 50 characters at most.
        signatory_mobile_phone: The signer's mobile number, for signers known by number.
        signatory_mobile_phone_parameter_name: The parameter with that number.
    """

    signatory_email: str | None
    signatory_email_parameter_name: str | None
    signatory_mobile_phone: str | None
    signatory_mobile_phone_parameter_name: str | None


class JotBlock(submit.JotBlock):
    """A place of a page that a signer, a parameter or a fixed value fills.

    The class methods make new blocks. Each takes the block's name, its place (``page``, and ``x``,
    ``y``, ``width`` and ``height`` as ratios of the page, 0 to 1) and what else a block may say:
    ``instructions``, ``required``, ``certified``, ``border``, ``source_group``, ``signing_step``
    and ``signing_order``. A block that a signer fills names the signer in exactly one of four ways:
    ``signatory_email``, ``signatory_email_parameter_name``, ``signatory_mobile_phone`` or
    ``signatory_mobile_phone_parameter_name`` (documented). How typed text looks is said by a
    ``TypedJotBlockProperties`` in ``look``.

    To override a block of the template, which needs no signer, give the constructor its name and
    what changes: ``JotBlock(name="Tenant signs", position_x=0.2)``.

    Raises:
        InvalidRequest: A class method was told something that the vendor's documentation rules
            out. What the constructor was told is checked when the document is submitted.
    """

    __slots__ = ()

    @classmethod
    def signature(
        cls,
        name: str,
        *,
        ink_color: submit.WrittenJotBlockInkColor | None = None,
        signature_font_size: submit.TypedJotBlockFontSizeType | None = None,
        **block: Unpack[_Signed],
    ) -> Self:
        """Makes a block that takes a full signature.

        Args:
            name: The block's name.
            ink_color: The colour of the ink.
            signature_font_size: The size of the type, where a signature is typed.
            **block: The place, the signer and the rest; see the class.

        Returns:
            The block.

        Raises:
            InvalidRequest: See the class.
        """
        written = submit.WrittenJotBlockProperties(
            signature_type=submit.SignatureType.SIGNATURE,
            ink_color=ink_color,
            signature_font_size=signature_font_size,
        )
        return _of_signer(cls(name=name, written_properties=written), block)

    @classmethod
    def initials(
        cls,
        name: str,
        *,
        ink_color: submit.WrittenJotBlockInkColor | None = None,
        signature_font_size: submit.TypedJotBlockFontSizeType | None = None,
        **block: Unpack[_Signed],
    ) -> Self:
        """Makes a block that takes initials.

        Args:
            name: The block's name.
            ink_color: The colour of the ink.
            signature_font_size: The size of the type, where initials are typed.
            **block: The place, the signer and the rest; see the class.

        Returns:
            The block.

        Raises:
            InvalidRequest: See the class.
        """
        written = submit.WrittenJotBlockProperties(
            signature_type=submit.SignatureType.INITIALS,
            ink_color=ink_color,
            signature_font_size=signature_font_size,
        )
        return _of_signer(cls(name=name, written_properties=written), block)

    @classmethod
    def text(
        cls,
        name: str,
        *,
        value: str | None = None,
        validation_type: submit.TypedJotBlockValidationType | None = None,
        regex: str | None = None,
        validation_message: str | None = None,
        look: submit.TypedJotBlockProperties | None = None,
        **block: Unpack[_Signed],
    ) -> Self:
        """Makes a block that takes typed text.

        Args:
            name: The block's name.
            value: What the signer finds filled in.
            validation_type: What an entry must look like, or what it is prefilled with.
            regex: A regular expression that an entry must match.
            validation_message: What the signer reads after an entry that does not match.
            look: How the text looks.
            **block: The place, the signer and the rest; see the class.

        Returns:
            The block.

        Raises:
            InvalidRequest: See the class.
        """
        typed = replace(
            _look(look),
            value=value,
            validation_type=validation_type,
            regex=regex,
            validation_message=validation_message,
            signatory_input_type=(
                _InputType.FREE_TEXT if regex is None else _InputType.CUSTOM_VALIDATION
            ),
        )
        return _of_signer(cls(name=name, typed_properties=typed), block)

    @classmethod
    def checkbox(
        cls,
        name: str,
        options: Sequence[str | submit.TypedJotBlockOption] = ("",),
        *,
        mark: submit.TypedJotBlockGraphicRenderType = _Mark.CHECK,
        look: submit.TypedJotBlockProperties | None = None,
        **block: Unpack[_Signed],
    ) -> Self:
        """Makes a block with boxes to tick; by default one box.

        Args:
            name: The block's name.
            options: What stands beside each box. An option whose box stands apart is a
                ``TypedJotBlockOption`` with a ``FieldRegion``.
            mark: How a ticked box looks; that the vendor marks the box so is inferred.
            look: How the text looks.
            **block: The place, the signer and the rest; see the class.

        Returns:
            The block.

        Raises:
            InvalidRequest: See the class.
        """
        kind = _InputType.MULTIPLE_CHOICE_CHECKBOX
        typed = _choices(look, kind, options, mark)
        return _of_signer(cls(name=name, typed_properties=typed), block)

    @classmethod
    def radio(
        cls,
        name: str,
        options: Sequence[str | submit.TypedJotBlockOption],
        *,
        mark: submit.TypedJotBlockGraphicRenderType = _Mark.X,
        look: submit.TypedJotBlockProperties | None = None,
        **block: Unpack[_Signed],
    ) -> Self:
        """Makes a block with radio buttons, of which the signer chooses one.

        Args:
            name: The block's name.
            options: What stands beside each button; see ``checkbox``.
            mark: How the chosen button looks; that the vendor marks the button so is inferred.
            look: How the text looks.
            **block: The place, the signer and the rest; see the class.

        Returns:
            The block.

        Raises:
            InvalidRequest: See the class.
        """
        typed = _choices(look, _InputType.MULTIPLE_CHOICE_RADIO, options, mark)
        return _of_signer(cls(name=name, typed_properties=typed), block)

    @classmethod
    def choice(
        cls,
        name: str,
        options: Sequence[str | submit.TypedJotBlockOption],
        *,
        look: submit.TypedJotBlockProperties | None = None,
        **block: Unpack[_Signed],
    ) -> Self:
        """Makes a block that shows the text that the signer chooses.

        Args:
            name: The block's name.
            options: The texts.
            look: How the text looks.
            **block: The place, the signer and the rest; see the class.

        Returns:
            The block.

        Raises:
            InvalidRequest: See the class.
        """
        typed = _choices(look, _InputType.MULTIPLE_CHOICE_TEXT, options, _Mark.TEXT)
        return _of_signer(cls(name=name, typed_properties=typed), block)

    @classmethod
    def timestamp(
        cls,
        name: str,
        *,
        look: submit.TypedJotBlockProperties | None = None,
        **block: Unpack[_Signed],
    ) -> Self:
        """Makes a block that shows when the signer signed.

        Args:
            name: The block's name.
            look: How the text looks.
            **block: The place, the signer and the rest; see the class.

        Returns:
            The block.

        Raises:
            InvalidRequest: See the class.
        """
        typed = replace(_look(look), signatory_input_type=_InputType.TIMESTAMP)
        return _of_signer(cls(name=name, typed_properties=typed), block)

    @classmethod
    def fixed(
        cls,
        name: str,
        value: str,
        *,
        timing: submit.JotBlockFixedInputTimingType | None = None,
        look: submit.TypedJotBlockProperties | None = None,
        **block: Unpack[_Block],
    ) -> Self:
        """Makes a block that shows a text that no signer enters.

        Args:
            name: The block's name.
            value: The text.
            timing: When the text is put in.
            look: How the text looks.
            **block: The place and the rest; see the class.

        Returns:
            The block.

        Raises:
            InvalidRequest: See the class.
        """
        made = cls(
            name=name,
            typed_properties=replace(_look(look), value=value),
            input_type=submit.JotBlockInputType.FIXED,
            fixed_input_timing_type=timing,
        )
        return _placed(made, block, _Block.__optional_keys__)

    @classmethod
    def parameter(
        cls,
        name: str,
        parameter_name: str,
        *,
        look: submit.TypedJotBlockProperties | None = None,
        **block: Unpack[_Block],
    ) -> Self:
        """Makes a block that shows the value of a parameter.

        Args:
            name: The block's name.
            parameter_name: The parameter.
            look: How the text looks.
            **block: The place and the rest; see the class.

        Returns:
            The block.

        Raises:
            InvalidRequest: See the class.
        """
        made = cls(
            name=name,
            typed_properties=_look(look),
            input_type=submit.JotBlockInputType.PARAMETER,
            parameter_name=parameter_name,
        )
        return _placed(made, block, _Block.__optional_keys__)


def check_jot_block(
    block: object, path: str = "jot_block", operation: str | None = None
) -> submit.JotBlock:
    """Checks a block by the vendor's rules.

    Args:
        block: What a caller gave.
        path: Where it stands, for the error.
        operation: The operation, for the error.

    Returns:
        The block.

    Raises:
        InvalidRequest: It is no block, or breaks a rule.
    """
    if not isinstance(block, submit.JotBlock):
        raise _refusal(path, f"must be a JotBlock; {name_of_kind(block)} was given", operation)
    if not isinstance(block.name, str) or not block.name.strip():
        raise _refusal(f"{path}.name", "must be a text that is not blank", operation)
    named = [name for name in _NAMING if getattr(block, name) is not None]
    if len(named) > 1:
        rule = f"must name its signer in one way; {' and '.join(named)} were given"
        raise _refusal(path, rule, operation)
    for name in named:
        value: object = getattr(block, name)
        if not isinstance(value, str) or not value.strip():
            raise _refusal(f"{path}.{name}", "must be a text that is not blank", operation)
        if len(value) > (most := _LONGEST.get(name, len(value))):
            raise _refusal(f"{path}.{name}", f"must have {most} characters at most", operation)
    if block.written_properties is not None and block.typed_properties is not None:
        rule = "must be written or typed: written_properties and typed_properties were given"
        raise _refusal(path, rule, operation)
    for name in _RATIOS:
        if (ratio := getattr(block, name)) is not None and not _is_ratio(ratio):
            rule = f"must be a ratio of the page, 0 to 1; {_shown(ratio)} was given"
            raise _refusal(f"{path}.{name}", rule, operation)
    page: object = block.page
    if page is not None and not (type(page) is int and 1 <= page <= 32767):
        rule = f"must be the number of a page, 1 to 32767; {_shown(page)} was given"
        raise _refusal(f"{path}.page", rule, operation)
    return block


def plain_jot_block(block: submit.JotBlock) -> submit.JotBlock:
    """Makes the schema's own type, which the codec wants, of a block of either type."""
    return submit.JotBlock(
        **{one.name: getattr(block, one.name) for one in fields(submit.JotBlock)}
    )


def _of_signer(block: _AnyBlock, given: _Signed) -> _AnyBlock:
    block.input_type = submit.JotBlockInputType.SIGNATORY
    placed = _placed(block, given, _Signed.__optional_keys__)
    if all(getattr(placed, name) is None for name in _NAMING):
        raise _refusal("jot_block", f"must name its signer by one of {', '.join(_NAMING)}", None)
    return placed


def _placed(block: _AnyBlock, given: Mapping[str, object], optional: frozenset[str]) -> _AnyBlock:
    # Unpack is a promise to type checkers; Python itself checks no keyword.
    if missing := sorted(_Placed.__required_keys__ - given.keys()):
        raise TypeError(f"missing keyword arguments: {', '.join(missing)}")
    if unknown := sorted(given.keys() - _Placed.__required_keys__ - optional):
        raise TypeError(f"unexpected keyword arguments: {', '.join(unknown)}")
    for name, value in given.items():
        setattr(block, f"position_{name}" if name in {"x", "y"} else name, value)
    check_jot_block(block)
    return block


def _look(look: submit.TypedJotBlockProperties | None) -> submit.TypedJotBlockProperties:
    return Given(VENDOR, None).structure(look, submit.TypedJotBlockProperties, "look")


def _choices(
    look: submit.TypedJotBlockProperties | None,
    kind: submit.TypedJotBlockSignatoryInputType,
    options: Sequence[str | submit.TypedJotBlockOption],
    mark: submit.TypedJotBlockGraphicRenderType,
) -> submit.TypedJotBlockProperties:
    given = cast("object", options)
    if isinstance(given, str) or not isinstance(given, Sequence) or not options:
        raise _refusal("options", "must be a list of at least one choice", None)
    for number, one in enumerate(cast("Sequence[object]", given)):
        if not isinstance(one, str | submit.TypedJotBlockOption):
            rule = f"must be a text or a TypedJotBlockOption; {_shown(one)} was given"
            raise _refusal(f"options[{number}]", rule, None)
    choices = [
        one
        if isinstance(one, submit.TypedJotBlockOption)
        else submit.TypedJotBlockOption(graphic_render_type=mark, text=one, text_value=one)
        for one in options
    ]
    return replace(
        _look(look),
        signatory_input_type=kind,
        options=submit.ArrayOfTypedJotBlockOption(typed_jot_block_option=choices),
    )


def _is_ratio(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 1


def _shown(value: object) -> str:
    is_short = isinstance(value, int | float) and abs(value) < _MOST_SHOWN
    return f"{value:g}" if is_short else name_of_kind(value)


def _refusal(path: str, rule: str, operation: str | None) -> InvalidRequest:
    return InvalidRequest(
        f"{path} {rule}", path=path, rule=rule, vendor=VENDOR, operation=operation
    )
