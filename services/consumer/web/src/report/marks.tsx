import { Text } from '@mantine/core';
import type { MergedAccount } from '@causeway/records/report';
import { useWords } from '../language.tsx';
import { wordFor } from './vocabulary.ts';

/** Marks and statements that travel with a record: that it is disputed, and what the person says of it. */
export function Marks({ record: { marks = [] } }: { readonly record: Pick<MergedAccount, 'marks'> }) {
  const { language } = useWords();
  return marks.map(({ added_on: day, kind, text = '' }) => (
    <Text key={`${kind} ${day} ${text}`} size="sm" fw={600} className="report-mark">
      {`${wordFor('mark', kind, language)} (${day})${text === '' ? '' : `: ${text}`}`}
    </Text>
  ));
}
