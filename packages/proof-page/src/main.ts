import { check, type Outcome } from './check.ts';
import { Remembered } from './remembered.ts';
import { reading } from './sentences.ts';
import { filled, type Language, texts, type Texts } from './texts.ts';

/** No directory and no proof is as large; what is larger is as good as not given. */
const fileBytesMax = 32 * 1024 * 1024;

const remembered = new Remembered(localStorage);
const anchor = input('anchor');
const directoryFile = input('directory');
const proofFile = input('proof');
const leaf = input('leaf');
const ledger = input('ledger');

let language: Language = chosenLanguage();
let directory = remembered.get('directory');
let proof = new Uint8Array();
let outcome: Outcome | undefined;

anchor.value = remembered.get('anchor');
show();

element('language').addEventListener('click', () => {
  language = language === 'en' ? 'zh-CN' : 'en';
  remembered.set('language', language);
  show();
});
directoryFile.addEventListener('change', () => void take(directoryFile.files));
proofFile.addEventListener('change', () => void take(proofFile.files));
document.addEventListener('dragover', (event) => event.preventDefault());
document.addEventListener('drop', (event) => {
  event.preventDefault();
  void take(event.dataTransfer?.files ?? null);
});
element('form').addEventListener('input', forget);
element('form').addEventListener('submit', (event) => {
  event.preventDefault();
  judge();
});

/** A directory by its ending, a proof file else; whatever it is, the check says whether it is sound. */
async function take(files: FileList | null): Promise<void> {
  forget();
  for (const file of files ?? []) {
    if (file.size > fileBytesMax) continue;
    if (file.name.endsWith('.json')) {
      directory = await file.text();
    } else {
      proof = new Uint8Array(await file.arrayBuffer());
      const name = /^[A-Za-z0-9_-]{43}(?=\.tlog-proof$)/u.exec(file.name)?.[0];
      if (name !== undefined) leaf.value = `sha-256:${name}`;
    }
  }
  if (anchor.value !== '' && directory !== '' && proof.length > 0 && leaf.value !== '') judge();
}

/** What was found is not of what is given now. */
function forget(): void {
  outcome = undefined;
  show();
}

function judge(): void {
  const given = { anchor: anchor.value.trim(), directory, proof, leaf: leaf.value.trim() };
  outcome = check({ ...given, ledger: ledger.value.trim() }, remembered.checkpoints(given.anchor));
  if ('proven' in outcome) {
    remembered.set('anchor', given.anchor);
    remembered.set('directory', directory);
  }
  show();
  element('result').scrollIntoView({ block: 'nearest' });
}

/** Everything that can be read, in the language chosen. */
function show(): void {
  const said = texts[language];
  document.documentElement.lang = language;
  document.title = said.title;
  for (const place of document.querySelectorAll<HTMLElement>('[data-text]')) {
    const text = said[place.dataset['text'] as keyof Texts];
    if (typeof text === 'string') place.textContent = text;
  }
  element('language').lang = language === 'en' ? 'zh-CN' : 'en';
  const isKept = directory !== '' && directoryFile.files?.length === 0;
  element('kept').textContent = isKept ? filled(said.kept, { name: 'directory.json' }) : '';
  showOutcome(said);
}

function showOutcome(said: Texts): void {
  const result = element('result');
  result.hidden = outcome === undefined;
  if (!outcome) return;
  const { sentences, verdict } = reading(outcome, said);
  result.className = className(outcome);
  element('verdict').textContent = verdict;
  element('sentences').replaceChildren(
    ...sentences.map((sentence) => {
      const item = document.createElement('li');
      item.textContent = sentence;
      return item;
    }),
  );
}

function className(of: Outcome): string {
  if ('refused' in of) return 'refused';
  return of.proven.witnessed ? 'proven' : 'young';
}

function chosenLanguage(): Language {
  const kept = remembered.get('language');
  if (kept === 'en' || kept === 'zh-CN') return kept;
  return navigator.language.startsWith('zh') ? 'zh-CN' : 'en';
}

function element(id: string): HTMLElement {
  const found = document.getElementById(id);
  if (!found) throw new Error(`the page has no ${id}`);
  return found;
}

function input(id: string): HTMLInputElement {
  const found = element(id);
  if (!(found instanceof HTMLInputElement)) throw new Error(`${id} is no input`);
  return found;
}
