import type { Power } from './api-mandates.ts';

/** For whom this page acts, under which mandate. */
export interface ActingFor {
  readonly id: string;
  readonly name: string;
  readonly powers: readonly Power[];
  /** Of the consents that it covers; any where it names none. */
  readonly purposes?: readonly string[];
}

const kept = 'causeway-acting-for';

/** Of this tab alone: another one goes on for the person themselves. Undefined where nobody is acted for. */
export function actingFor(): ActingFor | undefined {
  const text = sessionStorage.getItem(kept);
  return text === null ? undefined : (JSON.parse(text) as ActingFor);
}

/** From here on this tab acts for somebody, or for the person again; nothing that was read before stays. */
export function actFor(whom: ActingFor | undefined): void {
  if (whom === undefined) forgetActing();
  else {
    const { id, name, powers, purposes } = whom;
    sessionStorage.setItem(kept, JSON.stringify({ id, name, powers, purposes }));
  }
  location.assign(whom === undefined ? '/settings' : '/');
}

/** Whoever signs in or out begins for themselves. */
export const forgetActing = (): void => sessionStorage.removeItem(kept);

/** True for oneself, and for whom one acts as far as the mandate goes. */
export const may = (power: Power): boolean => actingFor()?.powers.includes(power) ?? true;

/** True for oneself, and for whom one acts of a consent within the purposes that were entrusted. */
export function covers(purposes: readonly string[]): boolean {
  const scope = actingFor()?.purposes;
  return scope === undefined || (purposes.length > 0 && purposes.every((code) => scope.includes(code)));
}

/** What every request to the service says of it. */
export function actingHeaders(): Record<string, string> {
  const whom = actingFor();
  return whom === undefined ? {} : { 'causeway-acting-for': whom.id };
}

/** The same, of an act that the person signs in for. */
export function actingMandate(): { readonly mandate?: string } {
  const whom = actingFor();
  return whom === undefined ? {} : { mandate: whom.id };
}
