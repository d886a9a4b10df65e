/** As the service takes it (`returnToSchema`): segments without an empty one, then perhaps a query. */
const pathAndQuery = /^\/(?:[\w.-]+(?:\/[\w.-]+)*\/?)?(?:\?(?:[\w.~=&:-]|%[0-9A-Fa-f]{2})*)?$/u;
const lengthMax = 400;

/** A path of this portal with its query, and nothing that leads elsewhere; `/` for whatever is none. */
export function localPath(text: string | null): string {
  return text !== null && text.length <= lengthMax && pathAndQuery.test(text) ? text : '/';
}

/** Where the person is: the path, with the query where that can be taken along. */
export function placeOf({
  pathname,
  search,
}: {
  readonly pathname: string;
  readonly search: string;
}): string {
  const whole = localPath(`${pathname}${search}`);
  return whole === '/' ? localPath(pathname) : whole;
}
