import { NativeSelect } from '@mantine/core';
import type { Language } from './words.tsx';

interface Props {
  readonly label: string;
  readonly language: Language;
  readonly choose: (language: Language) => void;
}

export function ChooseLanguage({ choose, label, language }: Props) {
  return (
    <NativeSelect
      size="xs"
      aria-label={label}
      value={language}
      onChange={({ currentTarget }) => choose(currentTarget.value as Language)}
      data={[
        { value: 'zh-CN', label: '中文' },
        { value: 'en', label: 'English' },
      ]}
    />
  );
}
