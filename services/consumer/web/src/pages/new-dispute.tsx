import { Button, Checkbox, Group, Radio, Stack, Text, Textarea, TextInput, Title } from '@mantine/core';
import { disputeReasons } from '@causeway/records/disputes/codes';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { useLocation, useSearch } from 'wouter';
import { disputesApi, type Item, type NewDispute as Asked } from '../api-disputes.ts';
import { useWords } from '../language.tsx';
import { useMemberNames } from '../parts/names.ts';

type Step = 'which' | 'where' | 'why' | 'tell' | 'check';

const textMax = 2000;
/** What `POST /v1/disputes` takes at once. */
const itemsMax = 16;
const isDigest = (text: string | null): text is string => /^sha-256:[\w-]{43}$/u.test(text ?? '');

/** One question at a time, then all answers to look over (ux C6). The own report links to its item. */
export function NewDispute() {
  const [search] = useState(new URLSearchParams(useSearch()));
  const [offered] = useState(itemsNamed(search));
  const report = search.get('report');
  const [answers, setAnswers] = useState<Answers>({
    ...{ items: offered, reason: '', text: '', key: '' },
    ...(isDigest(report) ? { report } : {}),
  });
  const asked = (['which', 'why', 'where'] as const)[Math.min(offered.length, 2)] ?? 'which';
  const [step, setStep] = useState<Step>(asked);
  const props = {
    ...{ answers, offered, first: asked === 'where' ? asked : ('which' as const) },
    go: setStep,
    set: (change: Partial<Answers>) => setAnswers({ ...answers, ...change }),
  };
  if (step === 'which') return <Which {...props} />;
  if (step === 'where') return <Where {...props} />;
  if (step === 'why') return <Why {...props} />;
  if (step === 'tell') return <Tell {...props} />;
  return <Check {...props} />;
}

/** The items that a row of a report was made of, as its link names them: a record for each bureau. */
function itemsNamed(search: URLSearchParams): Item[] {
  const records = search.getAll('record');
  const pairs = search.getAll('bureau').map((bureau, n) => ({ bureau, record: records[n] ?? '' }));
  return pairs.filter(({ bureau, record }) => bureau !== '' && record !== '').slice(0, itemsMax);
}

/** What is asked, under one key for one intent: sent again after a broken line, it is one dispute. */
type Answers = Asked & { readonly key: string };

interface Props {
  readonly answers: Answers;
  /** The items that a link has named. */
  readonly offered: readonly Item[];
  /** The question that says what is disputed: which item, or at which of the bureaus that reported it. */
  readonly first: 'which' | 'where';
  readonly set: (change: Partial<Answers>) => void;
  readonly go: (step: Step) => void;
}

interface QuestionProps {
  readonly title: string;
  readonly children: ReactNode;
  /** When the answer was given, ms since the page was opened. */
  readonly onDone: (timeStamp: number) => void;
  readonly onBack?: () => void;
}

/** A page with one question: it goes on where the browser finds the answer complete. */
function Question({ children, onBack, onDone, title }: QuestionProps) {
  const { t } = useWords();
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        onDone(event.timeStamp);
      }}
    >
      <Title order={2} my="sm">
        {title}
      </Title>
      {children}
      <Group mt="md">
        <Button type="submit">{t('disputeNext')}</Button>
        {onBack === undefined ? null : (
          <Button variant="default" onClick={onBack}>
            {t('disputeBack')}
          </Button>
        )}
      </Group>
    </form>
  );
}

function Which({ answers, go, set }: Props) {
  const { t } = useWords();
  const { bureau, record } = answers.items[0] ?? { bureau: '', record: '' };
  return (
    <Question title={t('disputeWhich')} onDone={() => go('why')}>
      <Text mb="xs">{t('disputeWhichMore')}</Text>
      <Stack>
        <TextInput
          {...{ label: t('disputeBureau'), required: true, pattern: '[a-z][a-z0-9\\-]+', maxLength: 39 }}
          value={bureau}
          onChange={({ currentTarget }) => set({ items: [{ bureau: currentTarget.value, record }] })}
        />
        <TextInput
          {...{ label: t('disputeRecord'), required: true, maxLength: 128 }}
          value={record}
          onChange={({ currentTarget }) => set({ items: [{ bureau, record: currentTarget.value }] })}
        />
      </Stack>
    </Question>
  );
}

/** Where several bureaus have reported one thing: all of them are told, but for those that are left out. */
function Where({ answers, go, offered, set }: Props) {
  const { t } = useWords();
  const nameOf = useMemberNames();
  return (
    <Question title={t('disputeWhere')} onDone={() => go('why')}>
      <Checkbox.Group
        {...{ 'aria-label': t('disputeWhere'), description: t('disputeWhereMore') }}
        value={answers.items.map(named)}
        onChange={(chosen) => set({ items: offered.filter((item) => chosen.includes(named(item))) })}
      >
        <Stack gap="xs" mt="sm" className="breaks">
          {offered.map((item) => (
            <Checkbox
              key={named(item)}
              value={named(item)}
              required={answers.items.length === 0}
              label={t('disputeAt', { bureau: nameOf(item.bureau), record: item.record })}
            />
          ))}
        </Stack>
      </Checkbox.Group>
    </Question>
  );
}

const named = ({ bureau, record }: Item): string => `${bureau} ${record}`;

function Why({ answers, first, go, set }: Props) {
  const { t } = useWords();
  return (
    <Question title={t('disputeWhy')} onDone={() => go('tell')} onBack={() => go(first)}>
      <Radio.Group
        {...{ name: 'reason', required: true, value: answers.reason, 'aria-label': t('disputeWhy') }}
        onChange={(reason) => set({ reason })}
      >
        <Stack gap="xs">
          {disputeReasons.map((reason) => (
            <Radio key={reason} value={reason} required label={t(`disputeReason_${reason}`)} />
          ))}
        </Stack>
      </Radio.Group>
    </Question>
  );
}

function Tell({ answers, go, set }: Props) {
  const { t } = useWords();
  return (
    <Question
      title={t('disputeTell')}
      onBack={() => go('why')}
      onDone={(timeStamp) => {
        set({ key: `portal-${performance.timeOrigin + timeStamp}` });
        go('check');
      }}
    >
      <Textarea
        {...{ label: t('disputeTell'), description: t('disputeTellMore'), required: true, rows: 5 }}
        maxLength={textMax}
        value={answers.text}
        onChange={({ currentTarget }) => set({ text: currentTarget.value })}
      />
    </Question>
  );
}

function Check({ answers, first, go }: Props) {
  const { t } = useWords();
  const nameOf = useMemberNames();
  const client = useQueryClient();
  const [, navigate] = useLocation();
  const send = useMutation({
    mutationFn: async () => await disputesApi.open(answers),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: ['disputes'] });
      navigate('/disputes');
    },
  });
  const reason = disputeReasons.find((code) => code === answers.reason) ?? 'other';
  return (
    <>
      <Title order={2} my="sm">
        {t('disputeCheck')}
      </Title>
      <dl className="breaks">
        <Answer question={t(first === 'where' ? 'disputeWhere' : 'disputeWhich')} onChange={() => go(first)}>
          {answers.items.map((item) => (
            <Text key={named(item)} component="span" display="block">
              {t('disputeAt', { bureau: nameOf(item.bureau), record: item.record })}
            </Text>
          ))}
        </Answer>
        <Answer question={t('disputeWhy')} onChange={() => go('why')}>
          {t(`disputeReason_${reason}`)}
        </Answer>
        <Answer question={t('disputeTell')} onChange={() => go('tell')}>
          {answers.text}
        </Answer>
      </dl>
      <Text mb="sm">{t('disputeCheckMore')}</Text>
      {send.error ? <Text role="alert">{t('failed', { detail: send.error.message })}</Text> : null}
      <Button loading={send.isPending} onClick={() => send.mutate()}>
        {t('disputeSend')}
      </Button>
    </>
  );
}

interface AnswerProps {
  readonly question: string;
  readonly children: ReactNode;
  readonly onChange: () => void;
}

function Answer({ children, onChange, question }: AnswerProps) {
  const { t } = useWords();
  return (
    <>
      <dt>{question}</dt>
      <dd>
        {children}{' '}
        <Button
          variant="subtle"
          size="compact-sm"
          onClick={onChange}
          aria-label={`${t('disputeChange')}: ${question}`}
        >
          {t('disputeChange')}
        </Button>
      </dd>
    </>
  );
}
