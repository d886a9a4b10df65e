/**
 * The key of everything the broker stores about an inquiry: `<jti>.<lender>`, the once key (iss, jti) as one
 * value. A caller's own member id is part of every look-up, so another member's inquiry cannot be found at
 * all.
 */
export function inquiryKey(id: string, lender: string): string {
  return `${id}.${lender}`;
}
