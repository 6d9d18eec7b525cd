"""What may not be of lost and damaged things: a sentence for each, and the query that finds it."""

NEVER_OF_LOSSES = {
    "{what}：有资产报了遗失，却没有登记处理": (
        "SELECT b.number AS what FROM borrowing_line l JOIN borrowing b ON b.id = l.borrowing_id"
        " LEFT JOIN loss_case k ON k.line_id = l.id AND k.kind = 'loss' WHERE l.lost_at IS NOT NULL AND k.id IS NULL"
    ),
    "{what}：登记的处理与借用单上的遗失不一致": (
        "SELECT k.number AS what FROM loss_case k JOIN borrowing_line l ON l.id = k.line_id WHERE k.kind = 'loss'"
        " AND (l.lost_at IS NULL OR (l.found_at IS NOT NULL) <> (k.state = 'found')"
        " OR (l.loss_decided_at IS NOT NULL) <> (k.decided_at IS NOT NULL))"
    ),
    "{what}：资产的状态与遗失处理不一致": (
        "SELECT k.number AS what FROM loss_case k JOIN asset_card c ON c.id = k.asset_id WHERE k.kind = 'loss'"
        " AND ((k.state IN ('reported', 'decided', 'settled', 'writing_off') AND c.state <> 'lost')"
        " OR (k.state = 'written_off' AND c.state <> 'disposed'))"
    ),
    "{what}：赔偿金额与收据、免除的合计不一致": (
        "SELECT k.number AS what FROM loss_case k WHERE k.paid_fen <> (SELECT COALESCE(SUM(p.amount_fen), 0)"
        " FROM loss_payment p WHERE p.case_id = k.id) OR k.paid_fen + k.waived_fen > k.amount_fen"
        " OR (k.state IN ('settled', 'writing_off', 'written_off') AND k.paid_fen + k.waived_fen <> k.amount_fen)"
        " OR (k.state = 'decided' AND k.paid_fen + k.waived_fen = k.amount_fen)"
    ),
    "{what}：退还的赔偿与凭证的合计不一致": (
        "SELECT k.number AS what FROM loss_case k WHERE k.refunded_fen <> (SELECT COALESCE(SUM(r.amount_fen), 0)"
        " FROM loss_refund r WHERE r.case_id = k.id) OR k.refunded_fen > k.paid_fen"
        " OR (k.refunded_fen > 0 AND k.state <> 'found')"
    ),
    "{what}：核销审批与记录不一致": (
        "SELECT k.number AS what FROM loss_case k LEFT JOIN approval_chain a ON a.subject_kind = 'write_off'"
        " AND a.subject_id = k.write_off_id AND a.state = 'pending'"
        " WHERE (k.state = 'writing_off') <> (a.id IS NOT NULL)"
    ),
}
