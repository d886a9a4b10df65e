import { signIn } from '@causeway/ui/staff-api.ts';
import { StaffConsole } from '@causeway/ui/staff-console.tsx';
import { Button, Text, Title } from '@mantine/core';
import { useWords } from './language.tsx';
import { Adapter } from './pages/adapter.tsx';
import { BatchPage } from './pages/batch.tsx';
import { Batches } from './pages/batches.tsx';
import { Disputes } from './pages/disputes.tsx';
import { HealthPage } from './pages/health.tsx';
import { ReadsPage } from './pages/reads.tsx';
import { RulePage } from './pages/rule.tsx';
import { RulesPage } from './pages/rules.tsx';

const roles = ['publisher', 'dispute_handler', 'security_officer', 'auditor'] as const;

/** The console of a bureau's staff: files, rules, disputes, and who read what. */
export function App() {
  const words = useWords();
  const { t } = words;
  const known = (role: string) => roles.find((one) => one === role);
  const roleName = (role: string): string => {
    const one = known(role);
    return one === undefined ? role : t(`role_${one}`);
  };
  const batches = ['batches.read'];
  return (
    <StaffConsole
      title={t('title')}
      words={words}
      roleName={roleName}
      places={[
        { path: '/', label: t('health'), needs: ['health.read'], page: <HealthPage /> },
        {
          ...{ path: '/batches', label: t('batches'), needs: batches },
          page: (self) => <Batches self={self} />,
        },
        { path: '/batches/one', needs: batches, page: (self) => <BatchPage self={self} /> },
        {
          ...{ path: '/adapter', label: t('adapter'), needs: ['mapping.preview', 'keys.read'] },
          page: (self) => <Adapter self={self} />,
        },
        { path: '/rules', label: t('rules'), needs: ['rules.read'], page: <RulesPage /> },
        { path: '/rules/one', needs: ['rules.read'], page: <RulePage /> },
        {
          ...{ path: '/disputes', label: t('disputes'), needs: ['disputes.read'] },
          page: (self) => <Disputes self={self} />,
        },
        { path: '/reads', label: t('reads'), needs: ['reads.read'], page: <ReadsPage /> },
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
