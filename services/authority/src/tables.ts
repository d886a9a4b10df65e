/** Rows of migrations/authority, and the once keys of 0001 that this service uses. */
export interface AuthorityTables {
  application: {
    id: string;
    digest: string;
    member: string;
    body: string;
    act: string | null;
    certificate: string | null;
    at_ms: number;
  };
  officer_act: {
    digest: string;
    jti: string;
    act: string;
    member: string;
    signed: string;
    proof: string | null;
    at_ms: number;
  };
  member_entry: { digest: string; member: string; body: string; act: string | null; at_ms: number };
  member: { id: string; entry: string };
  certificate: {
    thumbprint: string;
    serial: string;
    member: string;
    pem: string;
    not_after_ms: number;
    act: string;
  };
  warrant: { digest: string; inquiry: string; at_ms: number };
  directory_version: { version: number; digest: string; head: string; content: string; issued_at_ms: number };
  ledger_position: {
    member: string;
    next: number;
    size: number;
    again: number;
    read_at_ms: number | null;
    read_through_ms: number | null;
  };
  reconciled: { inquiry: string; due_ms: number | null; version: number; paired: number };
  reconciliation_alarm: {
    id: number;
    kind: string;
    member: string;
    idx: number;
    inquiry: string | null;
    use: number | null;
    at_ms: number;
  };
  reconciliation_alarm_closed: { alarm: number; at_ms: number };
  blind_budget: { member: string; epoch: string; day: string; used: number };
}
