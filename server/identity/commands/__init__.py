"""What can be done about regions, units, people, posts and sessions: one use case a module."""

from server.identity.commands.bind_wechat import (
    BindByInvitation,
    BindByPhone,
    bind_wechat_by_invitation,
    bind_wechat_by_phone,
    unbind_wechat,
)
from server.identity.commands.bootstrap import (
    BootstrapAdministrators,
    FirstAdministrator,
    bootstrap_administrators,
    reissue_first_passwords,
)
from server.identity.commands.correct_unit import (
    CloseUnit,
    CorrectUnit,
    RenameUnit,
    close_unit,
    correct_unit,
    rename_unit,
)
from server.identity.commands.create_person import CreatePerson, create_person
from server.identity.commands.create_unit import CreateUnit, create_unit
from server.identity.commands.delegate import Delegate, RevokeDelegation, delegate, revoke_delegation
from server.identity.commands.disable_person import DisablePerson, disable_person
from server.identity.commands.feed_keys import end_feed_key, make_feed_key
from server.identity.commands.hand_over import HandOver, hand_over
from server.identity.commands.import_regions import ImportRegions, RegionRow, import_regions
from server.identity.commands.invite_person import invite_person
from server.identity.commands.log_in import LogIn, log_in
from server.identity.commands.passwords import ChangePassword, change_password, reset_password, unlock_login
from server.identity.commands.personal_data import (
    CorrectPerson,
    ErasePerson,
    LookUp,
    PersonalData,
    correct_person,
    erase_person,
    read_personal_data,
)
from server.identity.commands.posts import AddPost, EndPost, add_post, end_post
from server.identity.commands.receive_handover import ReceiveHandover, receive_handover
from server.identity.commands.record_headcount import RecordHeadcount, record_headcount
from server.identity.commands.reorganise_unit import (
    DropChange,
    ProposeChange,
    confirm_unit_change,
    propose_unit_change,
    refuse_unit_change,
    withdraw_unit_change,
)
from server.identity.commands.role_requests import (
    AnswerRequest,
    RequestRole,
    grant_request,
    refuse_request,
    request_role,
    withdraw_request,
)
from server.identity.commands.roles import GrantRole, RevokeRole, grant_role, revoke_role
from server.identity.commands.second_factor import (
    begin_totp_setup,
    confirm_second_factor,
    confirm_totp,
    reset_second_factor,
)
from server.identity.commands.sessions import end_own_session, end_sessions, log_out, switch_unit
from server.identity.commands.wechat_log_in import LogInByWechat, log_in_by_wechat

__all__ = [
    "AddPost",
    "AnswerRequest",
    "BindByInvitation",
    "BindByPhone",
    "BootstrapAdministrators",
    "ChangePassword",
    "CloseUnit",
    "CorrectPerson",
    "CorrectUnit",
    "CreatePerson",
    "CreateUnit",
    "Delegate",
    "DisablePerson",
    "DropChange",
    "EndPost",
    "ErasePerson",
    "FirstAdministrator",
    "GrantRole",
    "HandOver",
    "ImportRegions",
    "LogIn",
    "LogInByWechat",
    "LookUp",
    "PersonalData",
    "ProposeChange",
    "ReceiveHandover",
    "RecordHeadcount",
    "RegionRow",
    "RenameUnit",
    "RequestRole",
    "RevokeDelegation",
    "RevokeRole",
    "add_post",
    "begin_totp_setup",
    "bind_wechat_by_invitation",
    "bind_wechat_by_phone",
    "bootstrap_administrators",
    "change_password",
    "close_unit",
    "confirm_second_factor",
    "confirm_totp",
    "confirm_unit_change",
    "correct_person",
    "correct_unit",
    "create_person",
    "create_unit",
    "delegate",
    "disable_person",
    "end_feed_key",
    "end_own_session",
    "end_post",
    "end_sessions",
    "erase_person",
    "grant_request",
    "grant_role",
    "hand_over",
    "import_regions",
    "invite_person",
    "log_in",
    "log_in_by_wechat",
    "log_out",
    "make_feed_key",
    "propose_unit_change",
    "read_personal_data",
    "receive_handover",
    "record_headcount",
    "refuse_request",
    "refuse_unit_change",
    "reissue_first_passwords",
    "rename_unit",
    "request_role",
    "reset_password",
    "reset_second_factor",
    "revoke_delegation",
    "revoke_role",
    "switch_unit",
    "unbind_wechat",
    "unlock_login",
    "withdraw_request",
    "withdraw_unit_change",
]
