import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { publishingRules } from '@causeway/records/publishing/rules';

type Language = 'en' | 'zh';

const words = {
  en: {
    title: 'Publishing rules',
    note: 'Made from `packages/records/src/publishing/rules.ts` by `node scripts/publishing-rule-pages.ts`.',
    other: '中文版：[publishing-rules.zh.md](publishing-rules.zh.md)',
    guide: 'How to publish: [publishing.md](publishing.md).',
    file: 'Refuse the file or its mapping whole: nothing of it is taken',
    rejected: 'Reject one line: the others are taken',
    warned: 'Warn: the line is taken',
    heads: ['rule', 'what is wrong', 'what to do'],
  },
  zh: {
    title: '报送规则',
    note: '由 `packages/records/src/publishing/rules.ts` 经 `node scripts/publishing-rule-pages.ts` 生成。',
    other: 'English: [publishing-rules.md](publishing-rules.md)',
    guide: '报送方法：[publishing.md](publishing.md)。',
    file: '拒收整个文件或映射：不取其中任何内容',
    rejected: '拒收一行：其余各行照常接收',
    warned: '提示：该行照常接收',
    heads: ['规则', '问题', '处理'],
  },
} as const;

/** The page of all rules in one language: a section for each severity, a row for each rule. */
export function rulePage(language: Language): string {
  const { title, note, other, guide, heads, ...sections } = words[language];
  const section = (severity: 'file' | 'rejected' | 'warned'): string[] => {
    const rows = Object.entries(publishingRules).filter(([, rule]) => rule.severity === severity);
    return [
      `## ${sections[severity]}`,
      '',
      `| ${heads.join(' | ')} |`,
      '|---|---|---|',
      ...rows.map(([id, rule]) => `| \`${id}\` | ${rule.what[language]} | ${rule.fix[language]} |`),
      '',
    ];
  };
  const head = [`# ${title}`, '', `${note} ${other}`, '', guide, ''];
  return [...head, ...section('file'), ...section('rejected'), ...section('warned')].join('\n');
}

/** Where a page lies. */
export const rulePageFile = (language: Language): string =>
  join(
    import.meta.dirname,
    '..',
    'docs',
    language === 'en' ? 'publishing-rules.md' : 'publishing-rules.zh.md',
  );

if (import.meta.main)
  for (const language of ['en', 'zh'] as const) writeFileSync(rulePageFile(language), rulePage(language));
