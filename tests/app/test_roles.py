"""Who may do what."""

import pytest

from app.roles import Role, role_of
from app.session import is_loopback
from home.settings_app import App

SETTINGS = App.model_validate(
    {
        "readers": ["*@acme.example", "auditor@firm.example"],
        "reviewers": ["anne@acme.example"],
        "admins": ["Zoe@Acme.example"],
    }
)


@pytest.mark.parametrize(
    ("email", "role"),
    [
        ("bob@acme.example", Role.READER),
        ("auditor@firm.example", Role.READER),
        ("Anne@ACME.example", Role.REVIEWER),
        ("zoe@acme.example", Role.ADMIN),
        ("other@firm.example", None),
        ("eve@evil.acme.example", None),
        ("eve@acme.example.evil", None),
        ("@acme.example", None),
        ("acme.example", None),
        ("", None),
    ],
)
def test_roles(email: str, role: Role | None) -> None:
    assert role_of(email, SETTINGS) is role


def test_nobody_is_let_in_by_default() -> None:
    assert role_of("anne@acme.example", App.model_validate({})) is None


@pytest.mark.parametrize(
    ("address", "is_own"),
    [
        ("127.0.0.1", True),
        ("::1", True),
        ("localhost", True),
        ("0.0.0.0", False),
        ("10.0.0.1", False),
        (None, False),
        ("example.com", False),
    ],
)
def test_the_loopback_address(address: str | None, is_own: bool) -> None:
    assert is_loopback(address) is is_own
