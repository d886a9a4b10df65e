import { signIn } from '@causeway/ui/staff-api.ts';
import { StaffConsole } from '@causeway/ui/staff-console.tsx';
import { StaffReads } from '@causeway/ui/staff-reads.tsx';
import { Button, NativeSelect, Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api, type Institution } from './api.ts';
import { useWords } from './language.tsx';
import { Loaded } from './loaded.tsx';
import { ErrorsPage } from './pages/errors.tsx';
import { FindPage } from './pages/find.tsx';
import { TodayPage } from './pages/today.tsx';

const isRole = (role: string): role is 'inquiry_clerk' | 'auditor' =>
  ['inquiry_clerk', 'auditor'].includes(role);

/** The workbench of a lender's staff: their own institution's inquiries, without whom they are about. */
export function App() {
  const words = useWords();
  const { t } = words;
  return (
    <StaffConsole
      title={t('title')}
      words={words}
      roleName={(role) => (isRole(role) ? t(`role_${role}`) : role)}
      places={[
        { path: '/', label: t('today'), needs: ['inquiries.read'], page: <TodayPage /> },
        { path: '/errors', label: t('errors'), needs: ['errors.read'], page: <ErrorsPage /> },
        { path: '/find', label: t('find'), needs: ['inquiries.find'], page: <FindPage /> },
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
  const query = useQuery({ queryKey: ['institutions'], queryFn: api.institutions });
  return (
    <>
      <Title order={2} mt="md">
        {t('welcome')}
      </Title>
      <Text my="md">{t('welcomeMore')}</Text>
      <Text my="md">{t('traced')}</Text>
      <Loaded query={query}>
        {({ items }) => (items.length === 0 ? <Text>{t('noInstitutions')}</Text> : <Choose items={items} />)}
      </Loaded>
    </>
  );
}

/** Each institution has an identity provider of its own. */
function Choose({ items }: { readonly items: readonly Institution[] }) {
  const { language, t } = useWords();
  const [member, setMember] = useState(items[0]?.id ?? '');
  return (
    <>
      <NativeSelect
        label={t('institution')}
        mb="md"
        value={member}
        onChange={({ currentTarget }) => setMember(currentTarget.value)}
        data={items.map(({ id, legal_name, legal_name_zh }) => ({
          value: id,
          label: (language === 'zh-CN' ? legal_name_zh : undefined) ?? legal_name,
        }))}
      />
      <Button size="md" onClick={() => signIn(member)}>
        {t('signIn')}
      </Button>
    </>
  );
}
