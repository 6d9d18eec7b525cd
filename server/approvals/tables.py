"""Steps of approvals as rows of a table to take along: the same from every door."""

from collections.abc import Sequence

from server.approvals.types import TaskView
from server.files.tables import Heading, Value

TASK_HEADINGS = (
    Heading("申请", width=40),
    Heading("申请单位", width=24),
    Heading("申请人", width=10),
    Heading("步骤", width=16),
    Heading("第几步", "number", 8),
    Heading("共几步", "number", 8),
    Heading("第几轮", "number", 8),
    Heading("结果", width=10),
    Heading("意见", width=40),
    Heading("办理人", width=10),
    Heading("代谁办理", width=10),
    Heading("送达时间", "instant", 20),
    Heading("办理时间", "instant", 20),
)


def task_values(task: TaskView) -> Sequence[Value]:
    """A step under `TASK_HEADINGS`."""
    return (
        task.title,
        task.applicant_unit_name,
        task.applicant_name,
        task.step_name,
        task.step_number,
        task.step_count,
        task.round,
        task.state_name,
        task.opinion,
        task.decided_by_name,
        task.on_behalf_of_name,
        task.created_at,
        task.decided_at,
    )
