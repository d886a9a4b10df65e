import { Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { may } from '../acting.ts';
import { api, type Consent } from '../api.ts';
import { useWords } from '../language.tsx';
import { ConsentCard } from '../parts/consent-card.tsx';
import { Loaded } from '../parts/loaded.tsx';
import { Receipts } from '../parts/receipts.tsx';
import { RequestCard } from '../parts/request-card.tsx';

/** What lenders ask for, and what the person has allowed (ux C3). */
export function Permissions() {
  const { t } = useWords();
  return (
    <>
      <Title order={2} my="sm">
        {t('permissions')}
      </Title>
      {may('consent') ? <Requests /> : null}
      {may('read') ? <Consents /> : null}
      {may('read') ? <Receipts /> : null}
    </>
  );
}

function Requests() {
  const { t } = useWords();
  const requests = useQuery({ queryKey: ['requests'], queryFn: api.requests, refetchInterval: 5000 });
  return (
    <>
      <Title order={3} size="h4" my="xs">
        {t('requestsTitle')}
      </Title>
      <Loaded query={requests}>
        {({ items }) =>
          items.length === 0 ? (
            <Text>{t('noRequests')}</Text>
          ) : (
            items.map((request) => <RequestCard key={request.id} request={request} />)
          )
        }
      </Loaded>
    </>
  );
}

/** To look, and apart from it to give: neither is ever the other. */
function Consents() {
  const { t } = useWords();
  const consents = useQuery({ queryKey: ['consents'], queryFn: api.consents });
  return (
    <Loaded query={consents}>
      {({ items }) => (
        <>
          <Title order={3} size="h4" my="xs">
            {t('consentsTitle')}
          </Title>
          <Cards consents={items.filter(({ kind }) => kind === 'query')} none={t('noConsents')} />
          <Title order={3} size="h4" my="xs">
            {t('provide_title')}
          </Title>
          <Cards consents={items.filter(({ kind }) => kind === 'provide')} none={t('provide_none')} />
        </>
      )}
    </Loaded>
  );
}

function Cards({ consents, none }: { readonly consents: readonly Consent[]; readonly none: string }) {
  if (consents.length === 0) return <Text>{none}</Text>;
  return consents.map((consent) => <ConsentCard key={consent.id} consent={consent} />);
}
