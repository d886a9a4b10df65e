import { Alert, Anchor, Button, Card, Checkbox, Text, TextInput, Title } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type SyntheticEvent, useState } from 'react';
import { Link } from 'wouter';
import {
  batchPath,
  type BatchKey,
  publishing,
  type RejectedLine,
  type Rejection,
} from '../api-publishing.ts';
import { useWords } from '../language.tsx';
import { RuleLink } from './batch-figures.tsx';
import { saidIn } from './previewed-lines.tsx';
import { Refusal } from './refusal.tsx';

interface Props {
  readonly batch: BatchKey;
  readonly columns: readonly string[];
  readonly lines: readonly RejectedLine[];
}

type Cells = readonly (string | null)[];

/** Rejected lines in a form, the rule beside each; sent again as a batch that names the first. */
export function MendLines({ batch, columns, lines }: Props) {
  const { t } = useWords();
  const client = useQueryClient();
  const [texts, setTexts] = useState<ReadonlyMap<number, Cells>>(
    new Map(lines.map(({ cells = [], line }) => [line, cells])),
  );
  const [left, setLeft] = useState<ReadonlySet<number>>(new Set());
  const rows = lines.flatMap(({ line }) => (left.has(line) ? [] : [{ line, cells: texts.get(line) ?? [] }]));
  const mending = useMutation({
    mutationFn: async () => await publishing.mend(batch, rows),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: ['batches'] });
      await client.invalidateQueries({ queryKey: ['batch'] });
    },
  });
  const corrected = mending.data?.corrected;
  if (corrected) {
    return (
      <Alert mt="sm" role="status" title={t('pub_mended', { n: corrected.accepted })}>
        <Anchor component={Link} href={batchPath(corrected)}>
          {t('pub_open')}
        </Anchor>
      </Alert>
    );
  }
  const still = mending.data?.rejections;
  const wrong = (line: RejectedLine): Rejection | undefined =>
    still === undefined ? line : still.find((each) => each.line === line.line);
  const submit = (event: SyntheticEvent): void => {
    event.preventDefault();
    mending.mutate();
  };
  const leave = (line: number): void => {
    setLeft(left.has(line) ? new Set([...left].filter((one) => one !== line)) : new Set([...left, line]));
  };
  return (
    <form onSubmit={submit} aria-label={t('pub_mendTitle')}>
      <Title order={3} size="h4" mt="md">
        {t('pub_mendTitle')}
      </Title>
      <Text size="sm">{t('pub_mendMore')}</Text>
      {still ? <Text role="alert">{t('pub_stillWrong', { n: still.length })}</Text> : null}
      {lines.map((each) => (
        <LineForm
          key={each.line}
          columns={columns}
          cells={texts.get(each.line) ?? []}
          line={each.line}
          leftOut={left.has(each.line)}
          leave={() => leave(each.line)}
          edit={(cells) => setTexts(new Map([...texts, [each.line, cells]]))}
          {...(wrong(each) ? { rejection: wrong(each) as Rejection } : {})}
        />
      ))}
      {mending.isError ? <Refusal error={mending.error} /> : null}
      <Button type="submit" mt="sm" loading={mending.isPending} disabled={rows.length === 0}>
        {t('pub_resubmit', { n: rows.length })}
      </Button>
    </form>
  );
}

interface LineProps {
  readonly columns: readonly string[];
  readonly cells: Cells;
  readonly line: number;
  readonly leftOut: boolean;
  readonly leave: () => void;
  readonly edit: (cells: Cells) => void;
  /** What is wrong with it now; nothing where it was found right. */
  readonly rejection?: Rejection;
}

function LineForm({ cells, columns, edit, leave, leftOut, line, rejection }: LineProps) {
  const { language, t } = useWords();
  const said = rejection ? saidIn(language, rejection) : undefined;
  return (
    <Card withBorder mt="sm" component="fieldset">
      <Text component="legend" fw={600} size="sm">
        {t('row', { line })}
      </Text>
      {rejection ? (
        <Text size="sm" mb="xs">
          <RuleLink rule={rejection.rule} aside />: {said} {rejection.fix?.[language === 'en' ? 'en' : 'zh']}
        </Text>
      ) : null}
      <div className="cells">
        {columns.map((column, at) => (
          <TextInput
            key={column}
            label={column}
            value={cells[at] ?? ''}
            maxLength={4096}
            disabled={leftOut}
            onChange={({ currentTarget }) => edit(cells.with(at, currentTarget.value))}
            {...(rejection?.column === column ? { error: said } : {})}
          />
        ))}
      </div>
      <Checkbox mt="sm" label={t('pub_leaveOut')} checked={leftOut} onChange={leave} />
    </Card>
  );
}
