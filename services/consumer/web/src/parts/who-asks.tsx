import { Alert, Text } from '@mantine/core';
import type { Asker, ConsentRequest } from '../api.ts';
import { useWords } from '../language.tsx';

/** Who asks, as the directory has it, and what they declare, as what they declare. */
export function WhoAsks({ request: { kind, product, who } }: { readonly request: ConsentRequest }) {
  const { language, t } = useWords();
  if (who === null) return <Alert color="red">{t('whoGone')}</Alert>;
  const name = (language === 'zh-CN' ? who.legal_name_zh : undefined) ?? who.legal_name;
  return (
    <>
      <Text size="sm">
        {t('whoAsks', { name, licence: who.licence_class, jurisdiction: who.jurisdiction })}
      </Text>
      <Standing who={who} />
      {product ? (
        <>
          <Text size="sm">{t('whoDeclares', { product: product.name })}</Text>
          <ul>
            {product.amount === undefined ? null : (
              <li>{t('whoAmount', { amount: product.amount, currency: product.currency ?? '' })}</li>
            )}
            {product.apr === undefined ? null : <li>{t('whoApr', { apr: product.apr })}</li>}
          </ul>
        </>
      ) : null}
      {kind === 'query' && product === undefined ? <Text size="sm">{t('whoDeclaresNothing')}</Text> : null}
    </>
  );
}

function Standing({ who: { listed_since: since, status } }: { readonly who: Asker }) {
  const { t, time } = useWords();
  if (status === 'suspended') return <Alert color="red">{t('whoSuspended')}</Alert>;
  return (
    <Text size="sm">{since === undefined ? t('whoActive') : t('whoActiveSince', { date: time(since) })}</Text>
  );
}
