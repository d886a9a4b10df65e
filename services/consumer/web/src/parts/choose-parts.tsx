import { Checkbox, Fieldset, Text } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { api, type ConsentRequest } from '../api.ts';
import { useWords } from '../language.tsx';
import { categoryNames, useMemberNames } from './names.ts';

type Kind = 'categories' | 'bureaus';

/** What may be left out, with a tick at what is in; the form changes with it, and what is required stays. */
export function ChooseParts({ request }: { readonly request: ConsentRequest }) {
  const { language, t } = useWords();
  const nameOf = useMemberNames();
  const client = useQueryClient();
  const choose = useMutation({
    mutationFn: async (choice: Record<Kind, readonly string[]>) => await api.choose(request.id, choice),
    onSuccess: async () => await client.invalidateQueries({ queryKey: ['requests'] }),
  });
  const { asked, optional } = request;
  if (asked === undefined || optional === undefined) return null;
  const now = { categories: request.categories, bureaus: request.bureaus };
  // Until the service has said so, what was chosen last.
  const shown = choose.isPending ? choose.variables : now;
  const turn = (kind: Kind, code: string, isIn: boolean): void => {
    const left = asked[kind].filter((one) => (one === code ? isIn : now[kind].includes(one)));
    choose.mutate({ ...now, [kind]: left });
  };
  const boxes = (kind: Kind, label: (code: string) => string) =>
    (optional[kind] ?? []).map((code) => (
      <Checkbox
        key={code}
        my="xs"
        label={label(code)}
        checked={shown[kind].includes(code)}
        disabled={choose.isPending}
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
