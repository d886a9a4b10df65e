import { Checkbox, Fieldset, Text } from '@mantine/core';
import { purposeCodes, purposes } from '@causeway/records/purposes';
import { useWords } from '../language.tsx';
import { purposeName } from './names.ts';

/** What a lender may ask a consent for; the others rest on something else, or on the person alone. */
const asked = purposeCodes.filter((code) => ['hard', 'soft'].includes(purposes[code].kind));

interface Props {
  /** All of them where there is no limit. */
  readonly chosen: readonly string[] | undefined;
  readonly choose: (purposes: readonly string[] | undefined) => void;
}

/** Whether requests for any purpose may be answered, or for some alone. */
export function ChoosePurposes({ choose, chosen }: Props) {
  const { language, t } = useWords();
  return (
    <>
      <Checkbox
        mt="xs"
        label={t('mandate_limit')}
        checked={chosen !== undefined}
        onChange={({ currentTarget: { checked } }) => choose(checked ? [] : undefined)}
      />
      {chosen === undefined ? null : (
        <Fieldset legend={t('mandate_limitTitle')} my="xs">
          <Text size="sm">{t('mandate_limitMore')}</Text>
          {asked.map((code) => (
            <Checkbox
              key={code}
              mt="xs"
              label={purposeName(code, language)}
              checked={chosen.includes(code)}
              onChange={({ currentTarget: { checked } }) =>
                choose(asked.filter((one) => (one === code ? checked : chosen.includes(one))))
              }
            />
          ))}
        </Fieldset>
      )}
    </>
  );
}
