import type { IncomingMessage, ServerResponse } from 'node:http';
import type Provider from 'oidc-provider';
import { accountIdFor } from './accounts.ts';
import type { PersonChoice, SandboxPerson, SignInSuggestion } from './persons.ts';
import { signInPage } from './sign-in-page.ts';
import { type SandboxStaff, authenticationOf, staffAccountId } from './staff.ts';

/** Where a browser that has to sign in is sent, with the sign-in's id behind it. */
export const signInPath = '/sign-in/';

interface Options {
  readonly provider: Provider;
  readonly persons: readonly SandboxPerson[] | undefined;
  readonly suggestions: readonly SignInSuggestion[];
  readonly staff: readonly SandboxStaff[];
  /** The client at which persons sign in; at all others it is staff. */
  readonly portal: string;
}

const formBytesMax = 1024;

/** Shows the form and takes it. The provider's cookie binds it to the browser that began to sign in. */
export async function handleSignIn(options: Options, request: IncomingMessage, response: ServerResponse) {
  const { provider } = options;
  let atPortal: boolean;
  try {
    const { params } = await provider.interactionDetails(request, response);
    atPortal = params['client_id'] === options.portal;
  } catch {
    response
      .writeHead(404, { 'content-type': 'text/plain; charset=utf-8' })
      .end('此次登录已结束。 This sign-in has ended.');
    return;
  }
  const offered = atPortal ? options.suggestions : options.staff;
  const form = { offered, persons: atPortal };
  if (request.method !== 'POST') return show(form, request, response, false);
  const filled = new URLSearchParams(await bodyOf(request));
  const login = atPortal ? personIn(filled, options) : staffIn(filled, options);
  if (login === undefined) return show(form, request, response, true);
  await provider.interactionFinished(request, response, { login });
}

interface Login {
  [more: string]: unknown;
  readonly accountId: string;
  readonly acr?: string;
  readonly amr?: string[];
}

function personIn(filled: URLSearchParams, { persons, suggestions }: Options): Login | undefined {
  const choice = choiceOf(filled, suggestions);
  const accountId = choice && accountIdFor(persons, choice);
  return accountId === undefined ? undefined : { accountId };
}

function staffIn(filled: URLSearchParams, { staff }: Options): Login | undefined {
  const chosen = staff.find(({ id }) => id === filled.get('person'));
  return chosen && { accountId: staffAccountId(chosen), ...authenticationOf(chosen) };
}

interface Form {
  readonly offered: readonly Pick<SignInSuggestion, 'id' | 'name' | 'story'>[];
  /** Whether anybody may sign in by number. */
  readonly persons: boolean;
}

function show(
  { offered, persons }: Form,
  request: IncomingMessage,
  response: ServerResponse,
  refused: boolean,
): void {
  response.writeHead(refused ? 422 : 200, {
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
    'cache-control': 'no-store',
  });
  response.end(signInPage(request.url ?? '', offered, { persons, refused }));
}

/** Empty where it is larger than the form can be. */
async function bodyOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request) {
    text += String(chunk);
    if (text.length > formBytesMax) return '';
  }
  return text;
}

function choiceOf(form: URLSearchParams, suggestions: readonly SignInSuggestion[]): PersonChoice | undefined {
  const suggested = suggestions.find(({ id }) => id === form.get('person'));
  if (suggested !== undefined) return suggested.choice;
  const number = form.get('number')?.trim() ?? '';
  const enterprise = form.get('enterprise')?.trim() ?? '';
  if (number === '') return undefined;
  const person = { scheme: 'gb11643', value: number };
  return enterprise === '' ? { person } : { person, enterprise: { scheme: 'gb32100', value: enterprise } };
}
