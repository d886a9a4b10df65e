export { type BerkaResult, runBerka } from './berka/run-berka.ts';
export { Clients, type FederationCard } from './clients.ts';
export { Federation } from './federation.ts';
export { sandboxCharacters, sandboxSubject } from './people/persons.ts';
export { portIsFree } from './ports.ts';
export { accessesOf } from './story/accesses-of.ts';
export { agree, inquireUnder, usualTerms } from './story/consented-inquiry.ts';
export { publishIslands } from './story/publish-islands.ts';
export { type Scene, Story } from './story/story.ts';
