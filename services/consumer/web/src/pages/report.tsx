import { Refused } from '@causeway/ui/requests.ts';
import '../report/report.css';
import { Alert, Anchor, Button, Card, Text, Title } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useLocation, useSearch } from 'wouter';
import { api, type OwnReportHead, type OwnReports, stepUp } from '../api.ts';
import { useWords } from '../language.tsx';
import { Loaded } from '../parts/loaded.tsx';
import { type OwnReport, ownReportApi } from '../report/own-report.ts';
import { ShowReport } from '../report/shown-report.tsx';
import { StatusStrip } from '../report/status-strip.tsx';
import { signWithPasskey } from '../web-authn.ts';

/** A person's report on themselves, from all bureaus (ux C4). */
export function Report() {
  const { t } = useWords();
  const search = new URLSearchParams(useSearch());
  const id = search.get('id');
  return (
    <>
      <Title order={2} my="sm">
        {t('report')}
      </Title>
      <div className="report-ask">
        <Ask again={id !== null} />
      </div>
      {id === null ? null : <OneReport key={id} id={id} />}
      <div className="report-ask">
        <ExportAll ready={search.get('export') === 'ready'} />
      </div>
    </>
  );
}

/** Begins a report, has the passkey sign it, and goes to where it is shown. */
function Ask({ again }: { readonly again: boolean }) {
  const { t } = useWords();
  const [, navigate] = useLocation();
  const client = useQueryClient();
  const list = useQuery({ queryKey: ['own-reports'], queryFn: api.ownReports });
  const ask = useMutation({
    mutationFn: async () => {
      const { id, options } = await ownReportApi.begin();
      await ownReportApi.assert(id, await signWithPasskey(options));
      return id;
    },
    onSuccess: async (id) => {
      navigate(`/report?id=${id}`);
      await client.invalidateQueries({ queryKey: ['own-reports'] });
    },
  });
  return (
    <Card withBorder mb="md">
      {again ? null : <Text mb="xs">{t('reportMore')}</Text>}
      <Loaded query={list}>{(data) => <Quota data={data} />}</Loaded>
      <Button mt="xs" loading={ask.isPending} onClick={() => ask.mutate()}>
        {t(again ? 'reportAgain' : 'reportAsk')}
      </Button>
      {ask.error ? <AskFailed error={ask.error} /> : null}
      <Loaded query={list}>{({ items }) => <Earlier items={items} />}</Loaded>
    </Card>
  );
}

function Quota({ data: { free_per_year: free, used_this_year: used } }: { readonly data: OwnReports }) {
  const { t } = useWords();
  return <Text size="sm">{t('reportQuota', { used, free })}</Text>;
}

function AskFailed({ error }: { readonly error: Error }) {
  const { t } = useWords();
  if (error instanceof Refused && error.code === 'conflict') {
    return (
      <Alert role="alert" mt="xs" title={t('reportNeedsPasskey')}>
        <Anchor component={Link} href="/settings">
          {t('reportSetUp')}
        </Anchor>
      </Alert>
    );
  }
  return (
    <Alert role="alert" mt="xs" color="red" title={t('reportPasskeyFailed', { detail: error.message })} />
  );
}

function Earlier({ items }: { readonly items: readonly OwnReportHead[] }) {
  const { t, time } = useWords();
  if (items.length === 0) return null;
  return (
    <details>
      <summary>{t('reportEarlier')}</summary>
      <ul>
        {items.map(({ asked_at: at, code = '', id, kept_until: kept, state }) => (
          <li key={id}>
            {t('reportEarlierLine', { date: time(at), state: t(`reportState_${state}`, { code }) })}{' '}
            {kept === undefined && state === 'ready' ? (
              t('reportGone')
            ) : (
              <Anchor component={Link} href={`/report?id=${id}`}>
                {t('reportShow')}
              </Anchor>
            )}
          </li>
        ))}
      </ul>
    </details>
  );
}

const runningMs = 1000;
/** A bureau that is late may still answer, for a quarter of an hour. */
const lateMs = 5000;
const told: ReadonlySet<string> = new Set(['answered', 'empty', 'not_found']);

function pollMs(own: OwnReport | undefined): number | false {
  if (own === undefined) return false;
  if (own.state === 'asserted' || own.state === 'sent') return runningMs;
  return own.state === 'ready' && own.bureaus.some(({ state }) => !told.has(state)) ? lateMs : false;
}

function OneReport({ id }: { readonly id: string }) {
  const query = useQuery({
    queryKey: ['own-report', id],
    queryFn: async () => await ownReportApi.read(id),
    refetchInterval: ({ state }) => pollMs(state.data),
  });
  return <Loaded query={query}>{(own) => <Standing own={own} />}</Loaded>;
}

/** The report, or where it stands. */
function Standing({ own }: { readonly own: OwnReport }) {
  const { t } = useWords();
  if (own.report !== undefined) return <ShowReport own={own} report={own.report} />;
  if (own.state === 'ready') return <Text>{t('reportGone')}</Text>;
  if (own.state === 'refused' || own.state === 'failed') {
    return <Alert role="alert" color="red" title={t('reportStopped', { code: own.code ?? '' })} />;
  }
  return (
    <>
      <Text role="status">{t('reportRunning')}</Text>
      <StatusStrip rows={own.bureaus} />
    </>
  );
}

/** Everything that the service holds on the person, behind a sign-in for it (ux C8). */
function ExportAll({ ready }: { readonly ready: boolean }) {
  const { t } = useWords();
  const begin = useMutation({
    mutationFn: async () => await stepUp({ act: 'export' }, '/report?export=ready'),
  });
  return (
    <Card withBorder mt="lg">
      <Title order={3} size="h4">
        {t('reportExport')}
      </Title>
      <Text size="sm" my="xs">
        {t('reportExportMore')}
      </Text>
      {begin.error ? <Text role="alert">{t('failed', { detail: begin.error.message })}</Text> : null}
      {ready ? (
        <Anchor href="/v1/export" download>
          {t('reportExportReady')}
        </Anchor>
      ) : (
        <Button variant="default" loading={begin.isPending} onClick={() => begin.mutate()}>
          {t('reportExportAsk')}
        </Button>
      )}
    </Card>
  );
}
