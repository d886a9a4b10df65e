import { signIn } from '@causeway/ui/staff-api.ts';
import { StaffConsole } from '@causeway/ui/staff-console.tsx';
import { StaffReads } from '@causeway/ui/staff-reads.tsx';
import { Button, Text, Title } from '@mantine/core';
import { useWords } from './language.tsx';
import { MembersPage } from './pages/members.tsx';
import { OverviewPage } from './pages/overview.tsx';

const isRole = (role: string): role is 'supervisor' | 'auditor' => ['supervisor', 'auditor'].includes(role);

/** The supervision console: it shows, and does nothing. */
export function App() {
  const words = useWords();
  const { t } = words;
  return (
    <StaffConsole
      title={t('title')}
      words={words}
      roleName={(role) => (isRole(role) ? t(`role_${role}`) : role)}
      places={[
        { path: '/', label: t('overview'), needs: ['overview.read'], page: <OverviewPage /> },
        { path: '/members', label: t('members'), needs: ['members.read'], page: <MembersPage /> },
        {
          ...{ path: '/reads', label: t('reads'), needs: ['staff_reads.read'] },
          page: <StaffReads words={words} />,
        },
      ]}
      welcome={<Welcome />}
    />
  );
}

function Welcome() {
  const { t } = useWords();
  return (
    <>
      <Title order={2} mt="md">
        {t('welcome')}
      </Title>
      <Text my="md">{t('welcomeMore')}</Text>
      <Text my="md">{t('traced')}</Text>
      <Button size="md" onClick={() => signIn()}>
        {t('signIn')}
      </Button>
    </>
  );
}
