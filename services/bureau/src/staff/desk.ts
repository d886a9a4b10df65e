import type { Clock, Random } from '@causeway/kernel';
import { CausewayError, encodeBase64url, sha256Digest } from '@causeway/protocol';
import type { DirectoryView } from '@causeway/protocol';
import { transaction } from '@causeway/service';
import { sessionCookie } from '@causeway/service/sign-in/session-cookie';
import type { SessionCookie } from '@causeway/service/sign-in/session-cookie';
import type { FastifyRequest } from 'fastify';
import type { Kysely } from 'kysely';

import type { BureauTables } from '../tables.ts';
import { deleteSession, insertRead, insertSession, sessionStaff, spendToken } from './repository.ts';
import { mayDo, permissions } from './roles.ts';
import type { PermissionName } from './roles.ts';
import type { ReadStaffToken, Staff } from './staff-token.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Set by the desk's hooks: who of the bureau's staff asks. */
    staff: Staff;
  }
}

interface Options {
  readonly me: string;
  readonly publicUrl: string;
  readonly db: Kysely<BureauTables>;
  readonly clock: Clock;
  readonly random: Random;
  readonly directory: { view(): DirectoryView };
  readonly readToken: ReadStaffToken;
}

type Asking = Pick<FastifyRequest, 'headers' | 'method'>;

const lifeMs = 30 * 60_000;

/** Where the bureau's staff sign in, and what they are let do. */
export class StaffDesk {
  readonly cookie: SessionCookie;
  readonly #options: Options;

  constructor(options: Options) {
    this.#options = options;
    this.cookie = sessionCookie('__Host-causeway-bureau', options.publicUrl);
  }

  /**
   * Opens a session with an id_token whose nonce is `session:<uuid>`, once; its token goes into the cookie,
   * only its digest is kept. Throws `token_invalid`, or `role_not_permitted` for somebody without a role.
   */
  async open(idToken: string): Promise<{ session: string; expiresMs: number }> {
    const { clock, db, random, readToken } = this.#options;
    const staff = await readToken(idToken);
    this.#requireBureau();
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

  /** Ends a session at once. Throws as `staffOf`. */
  async close(request: Asking): Promise<void> {
    await deleteSession(this.#options.db, this.#tokenOf(request));
  }

  /**
   * Hooks of a route: lets in the roles that have the permission, and leaves a trace where it shows something
   * about persons. Without the trace there is no answer.
   */
  may(name: PermissionName): {
    onRequest: (request: FastifyRequest) => Promise<void>;
    preHandler: (request: FastifyRequest) => Promise<void>;
  } {
    return {
      onRequest: async (request) => {
        request.staff = await this.#staffOf(request);
        if (!mayDo(request.staff.roles, name)) {
          throw new CausewayError('role_not_permitted', { detail: 'Your role does not cover this.' });
        }
      },
      preHandler: async (request) => {
        if (!permissions[name].traced) return;
        const { clock, db } = this.#options;
        await insertRead(db, request.staff, { what: name, about: aboutOf(request), atMs: clock.now() });
      },
    };
  }

  async #staffOf(request: Asking): Promise<Staff> {
    const { clock, db } = this.#options;
    const staff = await sessionStaff(db, this.#tokenOf(request), clock.now());
    if (staff === undefined) throw invalid('The session has ended.');
    this.#requireBureau();
    return staff;
  }

  /** Roles of a bureau's staff are nothing while the directory does not list the member as one. */
  #requireBureau(): void {
    const { directory, me } = this.#options;
    if (directory.view().member(me)?.roles.includes('bureau') === true) return;
    throw new CausewayError('role_not_permitted', { detail: 'The directory lists no such bureau.' });
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
