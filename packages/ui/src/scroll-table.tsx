import { Table, Text } from '@mantine/core';
import type { ReactNode } from 'react';

interface Props {
  /** What the table is about, for whoever does not see it. */
  readonly label: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly ReactNode[])[];
  /** What stands in the place of no rows. */
  readonly none: string;
}

/** A table that scrolls within itself on a small screen, by the keyboard too. */
export function ScrollTable({ head, label, none, rows }: Props) {
  if (rows.length === 0) return <Text my="sm">{none}</Text>;
  return (
    <div className="scroll" role="region" aria-label={label} tabIndex={0}>
      <Table>
        <Table.Thead>
          <Table.Tr>
            {head.map((text) => (
              <Table.Th key={text} scope="col">
                {text}
              </Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rows.map((cells, at) => (
            <Table.Tr key={at}>
              {cells.map((cell, n) => (
                <Table.Td key={n} className={isLong(cell) ? 'long' : undefined}>
                  {cell}
                </Table.Td>
              ))}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </div>
  );
}

/** A sentence, which needs a wider column than a number. */
const isLong = (cell: ReactNode): boolean => typeof cell === 'string' && cell.length > 12;
