"""Default deny, and no role that holds what it must not."""

import pytest

from dashboard.access import GRANTS, HOME, PERMISSIONS, ROLES, may


def test_every_grant_names_real_roles_and_permissions() -> None:
    assert set(GRANTS) == set(ROLES)
    assert all(granted <= set(PERMISSIONS) for granted in GRANTS.values())


@pytest.mark.parametrize("permission", [p for p in PERMISSIONS if p != "public"])
def test_nobody_signed_in_may_nothing(permission: str) -> None:
    assert not may(None, permission)
    assert not may("stranger", permission)


@pytest.mark.parametrize(
    "permission", ["console.view", "camera.view", "leader.view", "api.read", "admin.view", "signed_in", "metrics.read"]
)
def test_a_wall_only_shows_its_wall(permission: str) -> None:
    assert not may("wall", permission)


def test_no_role_writes_as_a_source() -> None:
    assert not any(may(role, "source.write") for role in ROLES)


def test_every_person_lands_on_a_page_it_may_see() -> None:
    assert set(HOME) == set(ROLES) - {"wall"}
