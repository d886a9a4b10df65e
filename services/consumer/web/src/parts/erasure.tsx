import { Button, Card, Checkbox, Group, Text, Title } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { stepUp } from '../api.ts';
import { erasureApi, type ErasureView } from '../api-erasure.ts';
import { useWords } from '../language.tsx';
import { Loaded } from './loaded.tsx';
import { list, useMemberNames } from './names.ts';

/** To be erased: what it means and until when what stays, before anything is done (ux C8). */
export function Erasure() {
  const { t } = useWords();
  const query = useQuery({ queryKey: ['erasure'], queryFn: erasureApi.view });
  return (
    <>
      <Title order={3} size="h4" my="xs">
        {t('eraseTitle')}
      </Title>
      <Loaded query={query}>
        {(view) => (view.status === 'none' ? <Ask view={view} /> : <Standing view={view} />)}
      </Loaded>
    </>
  );
}

type Step = 'choose' | 'consequences' | 'final';

/** Three steps, of which only the last one does something, and that behind a sign-in. */
function Ask({ view }: { readonly view: ErasureView }) {
  const { t } = useWords();
  const [step, setStep] = useState<Step>('choose');
  const back = (
    <Button variant="default" onClick={() => setStep('choose')}>
      {t('eraseBack')}
    </Button>
  );
  if (step === 'choose') {
    return (
      <>
        <Text size="sm">{t('eraseWhy')}</Text>
        <Button mt="xs" variant="default" onClick={() => setStep('consequences')}>
          {t('eraseChoose')}
        </Button>
      </>
    );
  }
  if (step === 'consequences') return <Consequences view={view} back={back} go={() => setStep('final')} />;
  return (
    <Card withBorder role="group" aria-label={t('eraseFinalTitle')}>
      <Text fw={600}>{t('eraseFinalTitle')}</Text>
      <Text size="sm" my="xs">
        {t('eraseFinal')}
      </Text>
      <Group>
        <Button color="red.9" onClick={() => void stepUp({ act: 'erase' })}>
          {t('eraseNow')}
        </Button>
        {back}
      </Group>
    </Card>
  );
}

interface ConsequencesProps {
  readonly view: ErasureView;
  readonly back: React.JSX.Element;
  readonly go: () => void;
}

function Consequences({ back, go, view }: ConsequencesProps) {
  const { t } = useWords();
  const [read, setRead] = useState(false);
  return (
    <Card withBorder>
      <Text fw={600}>{t('eraseAtOnce')}</Text>
      <ul>
        <li>{t('eraseNothingGranted')}</li>
        <li>{t('eraseRevoked')}</li>
        <li>{t('eraseWithdrawable')}</li>
      </ul>
      <KeptUntil view={view} />
      <Text fw={600}>{t('eraseAfter')}</Text>
      <ul>
        <li>{t('eraseKeys')}</li>
        <li>{t('eraseLenders')}</li>
      </ul>
      <Checkbox
        my="sm"
        checked={read}
        label={t('eraseRead')}
        onChange={(event) => setRead(event.currentTarget.checked)}
      />
      <Group>
        <Button disabled={!read} onClick={go}>
          {t('eraseNext')}
        </Button>
        {back}
      </Group>
    </Card>
  );
}

/** What stays, until when and why; the longest decides. */
function KeptUntil({ view: { due_at: due, kept } }: { readonly view: ErasureView }) {
  const { language, t, time } = useWords();
  return (
    <>
      <Text fw={600}>{t('eraseDue', { date: time(due) })}</Text>
      <ul>
        {kept.map(({ rule, source, source_zh: inChinese, until, what }) => (
          <li key={rule}>
            {t('eraseKept', {
              what: t(`eraseKept_${what}`),
              date: time(until),
              law: language === 'en' ? source : inChinese,
            })}
          </li>
        ))}
      </ul>
    </>
  );
}

function Standing({ view }: { readonly view: ErasureView }) {
  const { language, t, time } = useWords();
  const nameOf = useMemberNames();
  const { restricted_since: since = '', status, stop, waiting = [] } = view;
  const confirmed = (stop?.acknowledgements ?? []).map(({ node }) => nameOf(node));
  const open = (stop?.waiting ?? []).map(nameOf);
  return (
    <Card withBorder>
      <Text fw={600} role="status">
        {status === 'erasing' ? t('eraseUnderWay') : t('eraseRestricted', { date: time(since) })}
      </Text>
      {confirmed.length > 0 ? (
        <Text size="sm">{t('eraseConfirmed', { nodes: list(confirmed, language) })}</Text>
      ) : null}
      {open.length > 0 ? <Text size="sm">{t('notConfirmed', { nodes: list(open, language) })}</Text> : null}
      {waiting.length > 0 ? (
        <Text size="sm">{t('eraseWaiting', { nodes: list(waiting.map(nameOf), language) })}</Text>
      ) : null}
      <KeptUntil view={view} />
      {status === 'restricted' ? <Withdraw /> : null}
    </Card>
  );
}

function Withdraw() {
  const { t } = useWords();
  const client = useQueryClient();
  const withdraw = useMutation({
    mutationFn: erasureApi.withdraw,
    onSuccess: async () => await client.invalidateQueries(),
  });
  return (
    <>
      {withdraw.isError ? <Text role="alert">{t('failed', { detail: withdraw.error.message })}</Text> : null}
      <Text size="sm" my="xs">
        {t('eraseWithdrawHint')}
      </Text>
      <Button variant="default" loading={withdraw.isPending} onClick={() => withdraw.mutate()}>
        {t('eraseWithdraw')}
      </Button>
    </>
  );
}
