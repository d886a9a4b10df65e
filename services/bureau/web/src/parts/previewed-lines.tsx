import { Card, Text } from '@mantine/core';
import type { PreviewedLine, Said } from '../api.ts';
import { type Language, useWords } from '../language.tsx';
import { ScrollTable } from './scroll-table.tsx';

/** The first lines of a file beside what they become, masked by the service. */
export function PreviewedLines({ lines }: { readonly lines: readonly PreviewedLine[] }) {
  return lines.map((line) => <Line key={line.line} line={line} />);
}

/** What is wrong with a line: exactly in English, and in Chinese as its rule says it. */
export function saidIn(
  language: Language,
  { message, what }: { readonly message: string; readonly what?: Said },
): string {
  return language === 'en' || what === undefined ? message : what.zh;
}

function Line({ line: { cells, line, records, rejection, subject } }: { readonly line: PreviewedLine }) {
  const { language, t } = useWords();
  const fields = records.flatMap((record) => Object.entries(record));
  return (
    <Card withBorder mt="sm">
      <Text fw={600}>{t('row', { line })}</Text>
      <ScrollTable
        label={t('row', { line })}
        head={cells.map(({ column }) => column)}
        rows={[cells.map(({ text }) => text)]}
        none=""
      />
      {rejection ? (
        <Text mt="xs">
          {t('rowRejected', { rule: rejection.rule, message: saidIn(language, rejection) })}
        </Text>
      ) : null}
      {rejection ? null : (
        <Text size="sm" mt="xs" className="digest">
          {t('becomes')}: {t('subject')} {subject};{' '}
          {fields.map(([name, value]) => `${name} = ${shown(value)}`).join('; ')}
        </Text>
      )}
    </Card>
  );
}

const shown = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));
