import type { IncomingMessage, ServerResponse } from 'node:http';
import type Provider from 'oidc-provider';
import { accountIdFor } from './accounts.ts';
import type { PersonChoice, SandboxPerson, SignInSuggestion } from './persons.ts';
import { signInPage } from './sign-in-page.ts';

/** Where a browser that has to sign in is sent, with the sign-in's id behind it. */
export const signInPath = '/sign-in/';

interface Options {
  readonly provider: Provider;
  readonly persons: readonly SandboxPerson[] | undefined;
  readonly suggestions: readonly SignInSuggestion[];
}

const formBytesMax = 1024;

/** Shows the form and takes it. The provider's cookie binds it to the browser that began to sign in. */
export async function handleSignIn(options: Options, request: IncomingMessage, response: ServerResponse) {
  const { provider } = options;
  try {
    await provider.interactionDetails(request, response);
  } catch {
    response
      .writeHead(404, { 'content-type': 'text/plain; charset=utf-8' })
      .end('此次登录已结束。 This sign-in has ended.');
    return;
  }
  if (request.method !== 'POST') return show(options, request, response, false);
  const choice = choiceOf(new URLSearchParams(await bodyOf(request)), options.suggestions);
  const accountId = choice && accountIdFor(options.persons, choice);
  if (accountId === undefined) return show(options, request, response, true);
  await provider.interactionFinished(request, response, { login: { accountId } });
}

function show(
  { suggestions }: Options,
  request: IncomingMessage,
  response: ServerResponse,
  refused: boolean,
): void {
  response.writeHead(refused ? 422 : 200, {
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
    'cache-control': 'no-store',
  });
  response.end(signInPage(request.url ?? '', suggestions, refused));
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
