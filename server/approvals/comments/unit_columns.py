"""What follows a unit among the comments: nothing; they were said for the unit of their day."""

from server.identity.ops import keep

keep("approval_comment", "author_unit_name", "留言是当时那个单位的人说的")
