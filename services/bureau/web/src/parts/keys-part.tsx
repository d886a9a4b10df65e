import { Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { api, type Keys } from '../api.ts';
import { useWords } from '../language.tsx';
import { Loaded } from './loaded.tsx';
import { ScrollTable } from './scroll-table.tsx';

const dayMs = 86_400_000;

/** Certificates and keys, with the time that is left. */
export function KeysPart() {
  const query = useQuery({ queryKey: ['keys'], queryFn: api.keys });
  return (
    <Loaded query={query}>
      {(keys) => (
        <>
          <Certificates keys={keys} nowMs={query.dataUpdatedAt} />
          <StatementKeys keys={keys.keys} />
        </>
      )}
    </Loaded>
  );
}

interface Shown {
  readonly keys: Keys;
  /** When they were asked for. */
  readonly nowMs: number;
}

function Certificates({ keys: { authorities, certificates, directory, not_here }, nowMs }: Shown) {
  const { t, time } = useWords();
  const left = useTimeLeft(nowMs);
  const short = (print: string) => <code key={print}>{print.slice(0, 16)}</code>;
  return (
    <>
      <Title order={2} my="sm">
        {t('certificatesTitle')}
      </Title>
      <Text size="sm">
        {t('directoryNow', { version: directory.version, date: time(directory.expires_at) })}
      </Text>
      <ScrollTable
        label={t('certificatesTitle')}
        head={[t('certificate'), t('until'), t('listed')]}
        rows={[
          ...certificates.map(({ listed, thumbprint, until }) => [
            ...[short(thumbprint), left(until), t(listed ? 'yes' : 'no')],
          ]),
          ...not_here.map((print) => [short(print), t('elsewhere'), t('yes')]),
        ]}
        none={t('noKeys')}
      />
      <Title order={3} size="h4" mt="sm">
        {t('authorityTitle')}
      </Title>
      <ScrollTable
        label={t('authorityTitle')}
        head={[t('certificate'), t('until')]}
        rows={authorities.map(({ name, until }) => [name, left(until)])}
        none={t('noKeys')}
      />
    </>
  );
}

function StatementKeys({ keys }: { readonly keys: Keys['keys'] }) {
  const { t, time } = useWords();
  const ended = ({ retired_at: retired, revoked_at: revoked }: Keys['keys'][number]): string => {
    if (revoked !== undefined) return t('revoked', { date: time(revoked) });
    return retired === undefined ? '' : t('retired', { date: time(retired) });
  };
  return (
    <>
      <Title order={2} my="sm">
        {t('keysTitle')}
      </Title>
      <ScrollTable
        label={t('keysTitle')}
        head={[t('key'), t('use'), t('from'), t('heldHere'), t('ended')]}
        rows={keys.map((key) => [
          <code key="kid">{key.kid.slice(0, 16)}</code>,
          key.use.join(', '),
          ...[time(key.from), t(key.here ? 'yes' : 'no'), ended(key)],
        ])}
        none={t('noKeys')}
      />
    </>
  );
}

/** A time with the days until then, counted from this moment. */
function useTimeLeft(nowMs: number): (iso: string) => string {
  const { t, time } = useWords();
  return (iso) => {
    const days = Math.floor((Date.parse(iso) - nowMs) / dayMs);
    return `${time(iso)} (${days < 0 ? t('over') : t('daysLeft', { n: days })})`;
  };
}
