import { describe, expect, test } from 'vitest';
import { categories, deniedData, prohibitedData } from './categories.ts';

describe('prohibited data is refused at the door', () => {
  test.each([
    ['religion', 'religion'],
    ['Religious_Belief', 'religion'],
    ['宗教信仰', 'religion'],
    ['gene', 'gene'],
    ['genetic-marker', 'gene'],
    ['fingerPrint', 'fingerprint'],
    ['fingerprints', 'fingerprint'],
    ['blood_type', 'blood_type'],
    ['bloodType', 'blood_type'],
    ['ｂｌｏｏｄ_ｔｙｐｅ', 'blood_type'],
    ['血型', 'blood_type'],
    ['diseases', 'disease'],
    ['medicalHistory', 'medical_history'],
    ['既往病史', 'medical_history'],
  ])('%s is %s', (name, kind) => {
    expect(prohibitedData(name)).toBe(kind);
  });

  test.each(['generation', 'general_ledger', 'balance', 'type', 'blooming', 'finger', '账户类型'])(
    '%s is not prohibited',
    (name) => expect(prohibitedData(name)).toBeUndefined(),
  );

  test.each([
    ['mobile_phone', 'contact'],
    ['家庭住址', 'contact'],
    ['lastGps', 'location'],
    ['deviceImei', 'device'],
    ['user-ip', 'device'],
    ['血型', 'blood_type'],
  ])('%s has no place in a record: %s', (name, kind) => expect(deniedData(name)).toBe(kind));

  test.each(['addressee', 'macau_branch', 'mobility', 'class5', 'ip', '账户类型'])('%s has', (name) =>
    expect(deniedData(name)).toBeUndefined(),
  );

  test('no category exists for contacts, location, devices or prohibited data', () => {
    const absent = ['CONTACT', 'LOCATION', 'DEVICE', 'PROHIBITED'];
    for (const category of absent) expect(categories).not.toContain(category);
  });
});
