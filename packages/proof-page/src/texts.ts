/** What the page says in one language. Names in braces are filled in. */
export interface Texts {
  readonly title: string;
  readonly lead: string;
  readonly anchor: string;
  readonly anchorHint: string;
  readonly directory: string;
  readonly directoryHint: string;
  readonly proof: string;
  readonly proofHint: string;
  readonly leaf: string;
  readonly leafHint: string;
  readonly ledger: string;
  readonly ledgerHint: string;
  readonly check: string;
  readonly kept: string;
  readonly language: string;
  readonly holds: string;
  readonly unwitnessed: string;
  readonly fails: string;
  readonly leafSentence: string;
  readonly witnessedSentence: string;
  readonly youngSentence: string;
  readonly nobody: string;
  readonly and: string;
  readonly comma: string;
  readonly first: string;
  readonly same: string;
  readonly unproven: string;
  readonly reasons: Readonly<Record<string, string>>;
  readonly otherReason: string;
}

export type Language = 'en' | 'zh-CN';

const en: Texts = {
  title: 'Check a proof',
  lead: 'Everything is checked in this page. Nothing is sent anywhere, and no server is believed.',
  anchor: 'Fingerprint of the federation',
  anchorHint: 'sha-256:… as you had it from somebody you trust, not from this page.',
  directory: 'Directory',
  directoryHint: 'The file directory.json. Anybody may hand it to you: the fingerprint vouches for it.',
  proof: 'Proof file',
  proofHint: 'Choose it, or drop it anywhere on this page.',
  leaf: 'Leaf',
  leafHint: 'The digest that the line in your history names. A proof file is named by it.',
  ledger: 'Ledger',
  ledgerHint: 'The member whose ledger it is; empty for the consumer service.',
  check: 'Check',
  kept: 'remembered from last time: {name}',
  language: '中文',
  holds: 'The proof holds',
  unwitnessed: 'The proof holds, and is not witnessed yet',
  fails: 'Not proven',
  leafSentence: 'The leaf {leaf} is number {number} of the {size} in the ledger of {ledger}.',
  witnessedSentence: 'Witnessed by {by}, last at {at} UTC.',
  youngSentence: 'It is signed, not yet witnessed by enough members (seen by {by}).',
  nobody: 'nobody',
  and: ' and ',
  comma: ', ',
  first:
    'Against what this browser saw last: the ledger of {ledger} is seen for the first time, ' +
    'with {size} leaves.',
  same: 'Against what this browser saw last: the ledger of {ledger} is the same, with {size} leaves.',
  unproven:
    'Against what this browser saw last: the ledger of {ledger} could not be compared without asking it ' +
    '({seen} leaves then, {size} now).',
  reasons: {
    incomplete: 'The fingerprint, the directory, the proof file and the leaf are all needed.',
    anchor_mismatch: 'The directory is not that of the federation with this fingerprint.',
    directory_invalid: 'The directory is not one that the federation has signed.',
    signature_invalid: 'A signature is not good: something was changed, or somebody else signed.',
    signature_missing: 'The ledger’s own signature is missing.',
    origin_unexpected: 'The proof is of another ledger.',
    proof_invalid: 'The leaf is not in this tree: the proof is of something else, or was changed.',
    malformed: 'The file is no proof file, or was changed, or the leaf is not a digest.',
    member_unknown: 'The directory names no such ledger.',
    another_history: 'The ledger shows another history than this browser saw before. Keep both files.',
  },
  otherReason: 'The check was refused.',
};

const zh: Texts = {
  title: '核验证明',
  lead: '核验全部在本页面内完成：不向任何地方发送数据，也不信任任何服务器。',
  anchor: '联盟指纹',
  anchorHint: '形如 sha-256:…，应从您信任的人处取得，不要取自本页面。',
  directory: '成员目录',
  directoryHint: '文件 directory.json。由谁提供都可以，其真伪由上面的指纹保证。',
  proof: '证明文件',
  proofHint: '选择文件，或将其拖放到本页任意位置。',
  leaf: '条目摘要',
  leafHint: '您的查询记录中对应的摘要；证明文件即以它命名。',
  ledger: '账本',
  ledgerHint: '账本所属成员；留空表示个人服务方。',
  check: '核验',
  kept: '上次已保存：{name}',
  language: 'English',
  holds: '证明成立',
  unwitnessed: '证明成立，但尚未得到见证',
  fails: '未能证明',
  leafSentence: '条目 {leaf} 是 {ledger} 账本 {size} 条中的第 {number} 条。',
  witnessedSentence: '见证成员：{by}；最后一次见证于 {at} UTC。',
  youngSentence: '已由账本方签名，见证成员尚不足（目前见证：{by}）。',
  nobody: '无',
  and: '、',
  comma: '、',
  first: '与本浏览器上次所见相比：首次见到 {ledger} 的账本，共 {size} 条。',
  same: '与本浏览器上次所见相比：{ledger} 的账本没有变化，共 {size} 条。',
  unproven:
    '与本浏览器上次所见相比：不询问账本方便无法比较 {ledger} 的账本（上次 {seen} 条，现在 {size} 条）。',
  reasons: {
    incomplete: '指纹、成员目录、证明文件和条目摘要缺一不可。',
    anchor_mismatch: '该目录不属于此指纹对应的联盟。',
    directory_invalid: '该目录未经联盟签名，或已被改动。',
    signature_invalid: '有签名无效：内容被改动，或由他人签名。',
    signature_missing: '缺少账本自身的签名。',
    origin_unexpected: '该证明属于另一个账本。',
    proof_invalid: '条目不在这棵树中：证明属于其他条目，或已被改动。',
    malformed: '该文件不是证明文件或已被改动，或条目摘要格式不对。',
    member_unknown: '目录中没有这个账本。',
    another_history: '账本给出的历史与本浏览器以前所见不同，请保留两份文件。',
  },
  otherReason: '核验被拒绝。',
};

export const texts: Readonly<Record<Language, Texts>> = { en, 'zh-CN': zh };

/** A text with its names filled in. */
export function filled(text: string, values: Readonly<Record<string, string | number>>): string {
  return text.replaceAll(/\{(\w+)\}/gu, (_, name: string) => String(values[name] ?? ''));
}
