export { ScrollTable } from '@causeway/ui/scroll-table.tsx';
