import type { Federation } from '@causeway/sandbox/federation';
import { type SandboxSubject, sandboxSubjects } from '@causeway/sandbox/people/persons';
import { type Agreed, agreeAs, type Terms, usualTerms } from '@causeway/sandbox/story/consented-inquiry';
import { accountsFile, accountsMapping } from './accounts-file.ts';

export const LENDER = 'abc-bank';
const USES = 100_000;
const AT_ONCE = 16;

/** People whose records every bureau holds, and their consents: all by the product's own ways. */
export interface Scene {
  readonly terms: Terms;
  readonly people: readonly SandboxSubject[];
  /** Of each of these people. */
  readonly agreed: readonly Agreed[];
}

export async function prepareScene(
  federation: Federation,
  persons: number,
  tell: (line: string) => void,
): Promise<Scene> {
  const people = sandboxSubjects(persons, 0).filter(({ kind }) => kind === 'person');
  const { bureaus } = federation.card;
  tell(`publishing ${persons} people at ${bureaus.join(', ')}`);
  await Promise.all(bureaus.map((bureau) => publish(federation, bureau, people)));
  tell('collecting consents');
  const terms = usualTerms(bureaus, USES);
  return { terms, people, agreed: await consents(federation, people, terms) };
}

async function publish(federation: Federation, bureau: string, people: readonly SandboxSubject[]) {
  const publisher = federation.publisher(bureau);
  const mapping = await publisher.mapping(accountsMapping(bureau));
  const file = new TextEncoder().encode(accountsFile(bureau, people));
  const { rejected } = await publisher.file(mapping, 'text/csv', file);
  if (rejected > 0) throw new Error(`${bureau} rejected ${rejected} lines`);
}

async function consents(federation: Federation, people: readonly SandboxSubject[], terms: Terms) {
  const lender = federation.lender(LENDER);
  const refs = await lender.subjectRefs(people.map(({ identifier }) => identifier));
  const agreed: Agreed[] = [];
  const queue = people.entries();
  const worker = async (): Promise<void> => {
    for (const [at, person] of queue) {
      agreed[at] = await agreeAs(federation, lender, { ...person, subjectRef: refs[at] ?? '' }, terms);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return agreed;
}
