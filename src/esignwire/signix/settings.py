"""Settings of SIGNiX: the account, its user and the address."""

from __future__ import annotations

from dataclasses import dataclass, field

from esignwire._client import read_account, require_not_blank
from esignwire._http import check_url
from esignwire_generated.signix.types.common import CustInfoType

__all__ = ["PRODUCTION_URL", "TEST_URL", "VENDOR", "SignixSettings"]

VENDOR = "SIGNiX"

TEST_URL = "https://webtest.signix.biz/sdd/b2b/sdddc_ns.jsp"
"""The vendor's test system: one address for all web methods (seen on the wire)."""

PRODUCTION_URL = "https://signix.net/sdd/b2b/sdddc_ns.jsp"
"""The vendor's production system (inferred: reported second-hand, with and without ``www``)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignixSettings:
    """The account, its user and the address. The vendor assigns the credentials; case counts.

    Args:
        sponsor: The sponsor under which the account was set up.
        client: The account.
        user_id: The corporate user that makes the calls.
        password: The password of that user.
        url: The address of FlexAPI: ``TEST_URL``, ``PRODUCTION_URL`` or another.
        workgroup: The workgroup of new transactions, typically ``SDD``; ``None`` where each
            submission names its own.

    Raises:
        ConfigurationError: A value is blank or cannot be used; the password is not repeated.
    """

    sponsor: str
    client: str
    user_id: str
    password: str = field(repr=False)
    url: str
    workgroup: str | None = None

    def __post_init__(self) -> None:
        require_not_blank(
            VENDOR,
            ": SIGNiX assigns the value with the account",
            optional=("workgroup",),
            sponsor=self.sponsor,
            client=self.client,
            user_id=self.user_id,
            password=self.password,
            workgroup=self.workgroup,
        )
        check_url(self.url, vendor=VENDOR)

    @classmethod
    def from_environment(cls) -> SignixSettings:
        """Reads the environment variables ``ESIGNWIRE_SIGNIX_*``.

        ``_URL``, ``_SPONSOR``, ``_CLIENT``, ``_USER_ID`` and ``_PASSWORD`` must be set;
        ``_WORKGROUP`` may be.

        Raises:
            ConfigurationError: A variable is missing (all such are named) or cannot be used.
        """
        required = ("url", "sponsor", "client", "user_id", "password")
        return cls(**read_account(VENDOR, *required, optional=("workgroup",)))

    def cust_info(self, *, include_workgroup: bool = False) -> CustInfoType:
        """Fills in who is calling, for every web method but SubmitDocument.

        Args:
            include_workgroup: Whether to name the workgroup as well, where there is one. The known
                messages of DownloadDocument and ConfirmDownload do, the others do not.

        Returns:
            The credentials.
        """
        return CustInfoType(
            sponsor=self.sponsor,
            client=self.client,
            user_id=self.user_id,
            pswd=self.password,
            workgroup=self.workgroup if include_workgroup else None,
        )
