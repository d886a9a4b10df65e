import { Button, Card, Text, Title } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { actingFor, actingMandate } from '../acting.ts';
import { api, type Freeze as FreezeView, stepUp } from '../api.ts';
import { useWords } from '../language.tsx';
import { Confirmations } from '../parts/confirmations.tsx';
import { Loaded } from '../parts/loaded.tsx';
import { FraudAlerts } from '../parts/fraud-alerts.tsx';
import { FreezeWindows } from '../parts/freeze-windows.tsx';
import { list, purposeName } from '../parts/names.ts';
import { Restriction } from '../parts/restriction.tsx';

/** One switch for every bureau, and who has confirmed it (ux C5). */
export function Freeze() {
  const { t } = useWords();
  const query = useQuery({ queryKey: ['freezes'], queryFn: api.freezes });
  const own = actingFor() === undefined;
  return (
    <>
      <Title order={2} my="sm">
        {t('freezeTitle')}
      </Title>
      <Loaded query={query}>
        {({ exempt_purposes: exempt, items }) => {
          const standing = items.find(({ status }) => status === 'frozen');
          const restricted = standing?.restricts === true;
          return (
            <>
              {restricted ? (
                <Restriction freeze={standing} own={own} />
              ) : (
                <>
                  <Switch standing={standing} />
                  {standing && own ? <FreezeWindows freeze={standing} /> : null}
                  <Exempt purposes={exempt} />
                </>
              )}
              {own ? <FraudAlerts /> : null}
              <Earlier freezes={items.filter(({ status }) => status === 'lifted')} />
            </>
          );
        }}
      </Loaded>
    </>
  );
}

function Switch({ standing }: { readonly standing: FreezeView | undefined }) {
  const { t, time } = useWords();
  const client = useQueryClient();
  const place = useMutation({
    mutationFn: api.freeze,
    onSuccess: async () => await client.invalidateQueries({ queryKey: ['freezes'] }),
  });
  return (
    <Card withBorder mb="md">
      <Text fw={600} role="status">
        {standing ? t('freezeOn', { date: time(standing.placed_at) }) : t('freezeOff')}
      </Text>
      {place.isError ? <Text role="alert">{t('failed', { detail: place.error.message })}</Text> : null}
      {standing ? <Confirmations freeze={standing} /> : null}
      {standing ? (
        <>
          <Text size="sm" my="xs">
            {t('thawHint')}
          </Text>
          <Button
            variant="default"
            onClick={() => void stepUp({ act: 'thaw', freeze: standing.id, ...actingMandate() })}
          >
            {t('thaw')}
          </Button>
        </>
      ) : (
        <Button mt="sm" color="red.9" loading={place.isPending} onClick={() => place.mutate()}>
          {t('freezeNow')}
        </Button>
      )}
    </Card>
  );
}

/** What law and policy let through: nothing is left out of the promise. */
function Exempt({ purposes }: { readonly purposes: readonly string[] }) {
  const { language, t } = useWords();
  if (purposes.length === 0) return null;
  const names = purposes.map((code) => purposeName(code, language));
  return <Text mb="md">{t('freezeExempt', { purposes: list(names, language) })}</Text>;
}

function Earlier({ freezes }: { readonly freezes: readonly FreezeView[] }) {
  const { t, time } = useWords();
  if (freezes.length === 0) return null;
  return (
    <>
      <Title order={3} size="h4">
        {t('earlierFreezes')}
      </Title>
      <ul>
        {freezes.map(({ id, lifted_at: lifted = '', placed_at: placed }) => (
          <li key={id}>{t('liftedAt', { from: time(placed), to: time(lifted) })}</li>
        ))}
      </ul>
    </>
  );
}
