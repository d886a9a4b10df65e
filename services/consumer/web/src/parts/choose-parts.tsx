import { Checkbox, Fieldset, Text } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, type ConsentRequest } from '../api.ts';
import { useWords } from '../language.tsx';
import { categoryNames, useMemberNames } from './names.ts';

type Kind = 'categories' | 'bureaus';
type Choice = Readonly<Record<Kind, readonly string[]>>;

/** What may be left out, with a tick at what is in; the form changes with it, and what is required stays. */
export function ChooseParts({ request }: { readonly request: ConsentRequest }) {
  const { language, t } = useWords();
  const nameOf = useMemberNames();
  const client = useQueryClient();
  const choose = useMutation({
    mutationFn: async (choice: Choice) => await api.choose(request.id, choice),
    onSuccess: async () => await client.invalidateQueries({ queryKey: ['requests'] }),
  });
  // Until the service has said so, what was chosen last: at once, or the tick would jump back and forth.
  const [chosen, setChosen] = useState<Choice>();
  const { asked, optional } = request;
  if (asked === undefined || optional === undefined) return null;
  const now = { categories: request.categories, bureaus: request.bureaus };
  const shown = chosen ?? now;
  const turn = (kind: Kind, code: string, isIn: boolean): void => {
    const left = asked[kind].filter((one) => (one === code ? isIn : now[kind].includes(one)));
    const choice = { ...now, [kind]: left };
    setChosen(choice);
    choose.mutate(choice, { onSettled: () => setChosen(undefined) });
  };
  const boxes = (kind: Kind, label: (code: string) => string) =>
    (optional[kind] ?? []).map((code) => (
      <Checkbox
        key={code}
        my="xs"
        label={label(code)}
        checked={shown[kind].includes(code)}
        disabled={chosen !== undefined}
        onChange={({ currentTarget }) => turn(kind, code, currentTarget.checked)}
      />
    ));
  return (
    <Fieldset legend={t('chooseTitle')} my="xs">
      <Text size="sm">{t('chooseMore')}</Text>
      {boxes('categories', (code) => categoryNames([code], language))}
      {boxes('bureaus', nameOf)}
      {choose.error ? <Text role="alert">{t('failed', { detail: choose.error.message })}</Text> : null}
    </Fieldset>
  );
}
