/**
 * The moments at which a crash, a pause or a cut network has consequences of its own, in the order in which
 * one inquiry, one stop, one change of keys and one erasure pass them. Each name says what has just happened;
 * docs/crash-points.md says what must hold there.
 */
export const faultPoints = [
  'inquiry-verified',
  'inquiry-committed',
  'inquiry-told',
  'grants-decided',
  'grants-committed',
  'grants-received',
  'start-committed',
  'bureau-asked',
  'answer-reserved',
  'disclosure-committed',
  'disclosure-received',
  'report-committed',
  'report-released',
  'leaves-placed',
  'tree-integrated',
  'stop-committed',
  'status-applied',
  'ack-received',
  'key-loaded',
  'act-committed',
  'keys-destroyed',
  'rows-deleted',
] as const;

export type FaultPoint = (typeof faultPoints)[number];

/** Where the sandbox may strike. In production nothing ever happens here. */
export interface Faults {
  /** Says that this point has been reached; a sandbox may kill, pause or hold the process in it. */
  at(point: FaultPoint): Promise<void> | void;
}

/** Nothing happens. */
export const noFaults: Faults = { at: () => undefined };
