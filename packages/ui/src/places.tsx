import { Anchor, Group } from '@mantine/core';
import { Link, useLocation } from 'wouter';

interface Props {
  /** What the whole is called to who hears the page. */
  readonly label: string;
  readonly places: readonly { readonly path: string; readonly label: string }[];
}

/** The way to each page; the one that is shown says so, to eyes and ears. */
export function Places({ label, places }: Props) {
  const [location] = useLocation();
  return (
    <Group component="nav" gap="md" mt="xs" aria-label={label}>
      {places.map(({ label: name, path }) => (
        <Anchor
          key={path}
          component={Link}
          href={path}
          underline={path === location ? 'always' : 'hover'}
          {...(path === location ? { 'aria-current': 'page' as const, fw: 700 } : {})}
        >
          {name}
        </Anchor>
      ))}
    </Group>
  );
}
