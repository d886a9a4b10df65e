import type { Clock, Random } from '@causeway/kernel';
import { CausewayError, encodeBase64url, sha256Digest } from '@causeway/protocol';
import type { DirectoryView } from '@causeway/protocol';
import type { MemberEntry } from '@causeway/protocol/member-entry';
import type { FastifyRequest } from 'fastify';
import type { Kysely } from 'kysely';

import { transaction } from '../database.ts';
import { sessionCookie } from '../sign-in/session-cookie.ts';
import type { SessionCookie } from '../sign-in/session-cookie.ts';
import type { StaffProvider } from './staff-providers.ts';
import { allowedTo, mayDo } from './staff-roles.ts';
import type { StaffRoles } from './staff-roles.ts';
import { deleteSession, findSession, insertRead, insertSession, spendToken } from './staff-store.ts';
import type { Staff, StaffSession } from './staff-store.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Set by the desk's hooks: who of the staff asks. */
    staff: Staff;
  }
}

/** Whose staff work at a service: of members with the role, or of one of them alone. */
export interface StaffHouse {
  readonly role: MemberEntry['roles'][number];
  readonly only?: string;
}

interface Options<DB, P extends string> {
  readonly me: string;
  /** Names the cookie. */
  readonly service: string;
  readonly house: StaffHouse;
  readonly table: StaffRoles<string, P>;
  readonly publicUrl: string;
  readonly db: Kysely<DB>;
  readonly clock: Clock;
  readonly random: Random;
  readonly directory: { view(): DirectoryView };
  readonly providerOf: (staff: NonNullable<MemberEntry['staff']>) => StaffProvider;
}

type Asking = Pick<FastifyRequest, 'headers' | 'method'>;

const lifeMs = 30 * 60_000;

/** Where members' staff sign in at a service, and what they are let do. */
export class StaffDesk<P extends string, DB = unknown> {
  readonly cookie: SessionCookie;
  readonly #options: Options<DB, P>;

  constructor(options: Options<DB, P>) {
    this.#options = options;
    this.cookie = sessionCookie(`__Host-causeway-${options.service}`, options.publicUrl);
  }

  /**
   * Where this member's staff sign in. Throws `role_not_permitted` for a member whose staff have nothing to
   * do here: who is no member looks the same.
   */
  providerOf(member: string): StaffProvider {
    const staff = this.#entryOf(member)?.staff;
    if (staff === undefined) throw new CausewayError('role_not_permitted');
    return this.#options.providerOf(staff);
  }

  /**
   * Opens a session with an id_token whose nonce is `session:<uuid>`, once; its token goes into the cookie,
   * only its digest is kept. Throws `token_invalid`, `authentication_weak`, or `role_not_permitted` for
   * somebody without a role that counts.
   */
  async open(idToken: string, member: string): Promise<{ session: string; expiresMs: number }> {
    const { clock, db, random } = this.#options;
    const staff = await this.providerOf(member).readToken(idToken, member);
    this.#standing(staff);
    if (!/^session:[0-9a-f-]{36}$/u.test(staff.nonce)) throw invalid('The id_token is for another act.');
    const session = encodeBase64url(random.bytes(32));
    const expiresMs = clock.now() + lifeMs;
    await transaction(db, async (trx) => {
      if (!(await spendToken(trx, staff))) throw invalid('The id_token has been used. Sign in again.');
      // A crash after the commit leaves a session that nobody knows the token of; it expires.
      await insertSession(trx, sha256Digest(session), staff, expiresMs);
    });
    return { session, expiresMs };
  }

  /** Ends a session at once. Throws where there is none. */
  async close(request: Asking): Promise<void> {
    await deleteSession(this.#options.db, this.#tokenOf(request));
  }

  /** Hook of a route for whoever has signed in, whatever their role. */
  async known(request: FastifyRequest): Promise<void> {
    request.staff = await this.#staffOf(request);
  }

  /**
   * Hooks of a route: lets in the roles that have the permission, and leaves a trace where that is marked.
   * Without the trace there is no answer.
   */
  may(name: P): {
    onRequest: (request: FastifyRequest) => Promise<void>;
    preHandler: (request: FastifyRequest) => Promise<void>;
  } {
    const { clock, db, me, table } = this.#options;
    return {
      onRequest: async (request) => {
        await this.known(request);
        if (mayDo(table, request.staff.roles, name)) return;
        throw new CausewayError('role_not_permitted', { detail: 'Your role does not cover this.' });
      },
      preHandler: async (request) => {
        if (!table.permissions[name].traced) return;
        const look = { what: name, about: aboutOf(request), atMs: clock.now() };
        // A crash after it leaves a trace of what nobody was shown.
        await insertRead(db, request.staff, look, me);
      },
    };
  }

  /** What the pages show of who has signed in. */
  self({ member, name, person, roles }: Staff) {
    const { legal_name = member, legal_name_zh } = this.#options.directory.view().member(member) ?? {};
    const may = allowedTo(this.#options.table, roles);
    return { person, name, roles, may, member: { id: member, legal_name, legal_name_zh } };
  }

  async #staffOf(request: Asking): Promise<Staff> {
    const { clock, db } = this.#options;
    const session = await findSession(db, this.#tokenOf(request), clock.now());
    if (session === undefined) throw invalid('The session has ended.');
    return this.#standing(session);
  }

  /**
   * What counts of a session at this moment: roles that its member's entry lists, by the provider that it
   * names. So a role ends with the directory that no longer has it, not with the session.
   */
  #standing({ issuer, member, name, person, roles: named }: StaffSession): Staff {
    const { table } = this.#options;
    const entry = this.#entryOf(member);
    const listed = entry?.staff?.issuer === issuer ? entry.staff.roles : [];
    const known = entry?.status === 'active' ? table.names : table.whileSuspended;
    const roles = known.filter((role) => named.includes(role) && listed.includes(role));
    if (roles.length === 0) throw new CausewayError('role_not_permitted', { detail: 'No role counts here.' });
    return { member, person, name, roles };
  }

  #entryOf(member: string): MemberEntry | undefined {
    const { directory, house } = this.#options;
    const entry = directory.view().member(member);
    const isOurs = house.only === undefined || house.only === member;
    return isOurs && entry?.roles.includes(house.role) === true ? entry : undefined;
  }

  #tokenOf(request: Asking): string {
    const session = this.cookie.read(request);
    if (session === undefined) throw new CausewayError('token_missing', { detail: 'Sign in first.' });
    return sha256Digest(session);
  }
}

/** Which thing was looked at, by the address; null for a list. */
function aboutOf({ params }: FastifyRequest): string | null {
  const named = Object.values((params ?? {}) as Record<string, string>);
  return named.length === 0 ? null : named.join(' ');
}

const invalid = (detail: string): CausewayError => new CausewayError('token_invalid', { detail });
