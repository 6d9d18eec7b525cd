"""What is said about applications, as things of the matrix."""

from server.approvals.comments.commands import add_comment
from server.approvals.comments.types import AddComment
from server.identity.roles import Role
from server.kernel.actor import Actor
from tests.access.loans import make_an_application
from tests.access.world import Facts, Office, World
from tests.factories.circulation import make_photograph
from tests.factories.identity import make_actor


async def _said(world: World, applicant: Actor) -> Facts:
    view = await make_an_application(world, applicant)
    picture = await make_photograph(applicant)
    wanted = AddComment(subject_kind="borrowing", subject_id=view.id, text="会场在二楼", attachments=(picture,))
    comment = await add_comment(applicant, wanted)
    return {"kind": "borrowing", "subject_id": view.id, "comment_id": comment.id, "file_id": picture}


async def talk(world: World, office: Office) -> Facts:
    """An application of the office's people with a comment of its applicant."""
    return await _said(world, await make_actor("周小兰", office.unit, Role.BORROWER))


async def my_talk(world: World, me: Actor) -> Facts:
    return await _said(world, me)
