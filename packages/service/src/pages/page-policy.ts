/** An address as a source expression has it; the directory's own form would let a `;` into the header. */
const sourceForm = /^https?:\/\/[a-z0-9.-]+(:[0-9]{1,5})?$/u;

/**
 * The content security policy of the portal's pages. Scripts from here only, and none in the document; the
 * page talks to this origin, and to the ledgers of the federation, where the proofs of what others decided
 * lie. Styles may stand in attributes, which is how the component library positions things.
 *
 * @param nodes addresses of public listeners; one of another form is left out
 */
export function pagePolicy(nodes: readonly string[]): string {
  const ledgers = nodes.filter((url) => sourceForm.test(url)).map((url) => `${url}/ledger/`);
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data:",
    "font-src 'self'",
    ["connect-src 'self'", ...ledgers].join(' '),
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
}
