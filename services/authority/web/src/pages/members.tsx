import { ScrollTable } from '@causeway/ui/scroll-table.tsx';
import { Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { api, type Member, type Members } from '../api.ts';
import { useWords } from '../language.tsx';
import { Loaded } from '../loaded.tsx';

/** Every member: who it is, whether it is suspended, when its certificates and keys end (ux S2, in part). */
export function MembersPage() {
  const { t } = useWords();
  const query = useQuery({ queryKey: ['members'], queryFn: api.members });
  return (
    <>
      <Title order={2} my="sm">
        {t('members')}
      </Title>
      <Text size="sm" mb="sm">
        {t('noActs')}
      </Text>
      <Loaded query={query}>
        {(members) => (
          <>
            <Listed members={members} />
            <Credentials members={members.items} />
            <Staff members={members.items} />
          </>
        )}
      </Loaded>
    </>
  );
}

function Listed({ members: { directory, items } }: { readonly members: Members }) {
  const { language, t, time } = useWords();
  const since = (iso: string | undefined): string => (iso === undefined ? '' : time(iso));
  return (
    <>
      <Text size="sm">
        {t('directoryNow', { version: directory.version, date: time(directory.expires_at) })}
      </Text>
      <ScrollTable
        label={t('members')}
        head={[t('member'), t('name'), t('roles'), t('class'), t('status'), t('since'), t('memberSince')]}
        rows={items.map((item) => [
          <code key="id">{item.id}</code>,
          (language === 'zh-CN' ? item.legal_name_zh : undefined) ?? item.legal_name,
          item.roles.map((role) => (isKnown(role) ? t(`of_${role}`) : role)).join(' / '),
          ...[`${item.class}, ${item.jurisdiction}`, t(`status_${item.status}`)],
          ...[since(item.status_since), since(item.member_since)],
        ])}
        none={t('noMembers')}
      />
    </>
  );
}

const known = ['authority', 'consumer', 'broker', 'bureau', 'lender'] as const;
const isKnown = (role: string): role is (typeof known)[number] => known.some((each) => each === role);

function Credentials({ members }: { readonly members: readonly Member[] }) {
  const { t, time } = useWords();
  const ended = ({ retired_at: retired, revoked_at: revoked }: Member['keys'][number]): string => {
    if (revoked !== undefined) return t('revoked', { date: time(revoked) });
    return retired === undefined ? t('inForce') : t('retired', { date: time(retired) });
  };
  const rows = members.flatMap(({ certificates, id, keys }) => [
    ...certificates.map(({ thumbprint, until }) => [
      ...[id, t('certificate'), <code key="print">{thumbprint.slice(0, 16)}</code>],
      until === undefined ? t('endUnknown') : t('until', { date: time(until) }),
    ]),
    ...keys.map((key) => [
      ...[id, key.use.join(', '), <code key="kid">{key.kid.slice(0, 16)}</code>, ended(key)],
    ]),
  ]);
  return (
    <>
      <Title order={3} size="h4" mt="md">
        {t('credentials')}
      </Title>
      <ScrollTable
        label={t('credentials')}
        head={[t('member'), t('use'), t('key'), t('end')]}
        rows={rows}
        none={t('noMembers')}
      />
    </>
  );
}

/** Who may do what: the roles that each member's provider may give. */
function Staff({ members }: { readonly members: readonly Member[] }) {
  const { t } = useWords();
  return (
    <>
      <Title order={3} size="h4" mt="md">
        {t('staff')}
      </Title>
      <ScrollTable
        label={t('staff')}
        head={[t('member'), t('provider'), t('staffRoles')]}
        rows={members.flatMap(({ id, staff }) =>
          staff ? [[id, <code key="issuer">{staff.issuer}</code>, staff.roles.join(', ')]] : [],
        )}
        none={t('noStaff')}
      />
    </>
  );
}
