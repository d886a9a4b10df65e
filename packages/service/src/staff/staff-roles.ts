/** What a role lets somebody do. */
export interface Permission<R extends string> {
  readonly roles: readonly R[];
  /** Whether each use leaves a trace: what shows something about persons does, or watches over others. */
  readonly traced: boolean;
}

/** Everything that the pages of a service let its staff do, and whom. What is not in it nobody may. */
export interface StaffRoles<R extends string = string, P extends string = string> {
  readonly names: readonly R[];
  /** What a suspended member's staff keep: the duties that it still has to persons. */
  readonly whileSuspended: readonly R[];
  readonly permissions: Readonly<Record<P, Permission<R>>>;
}

/** True where one of the roles may do it. */
export function mayDo<P extends string>(
  table: StaffRoles<string, P>,
  roles: readonly string[],
  name: P,
): boolean {
  return table.permissions[name].roles.some((role) => roles.includes(role));
}

/** What the roles may do: what the pages show of themselves. */
export function allowedTo<P extends string>(table: StaffRoles<string, P>, roles: readonly string[]): P[] {
  const names = Object.keys(table.permissions) as P[];
  return names.filter((name) => mayDo(table, roles, name));
}
