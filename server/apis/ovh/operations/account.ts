/** Whose account it is, and its bills. */
import { badField, noSuchObject } from "../errors";
import { dateOf } from "../model/dates";
import { type Bill, idOf } from "../model/records";
import type { Books } from "./books";
import { BodyReader, type Fields, nullable, text } from "./fields";

export const WRITABLE = [
  "address",
  "area",
  "birthCity",
  "birthDay",
  "city",
  "companyNationalIdentificationNumber",
  "corporationType",
  "country",
  "fax",
  "firstname",
  "language",
  "legalform",
  "name",
  "nationalIdentificationNumber",
  "organisation",
  "phone",
  "sex",
  "vat",
  "zip",
] as const;

export function getMe({ ledger }: Books): Fields {
  return ledger.find("accounts", "me")?.fields ?? {};
}

/** What is there and cannot be written may be sent back as it was read. */
export async function updateMe(books: Books, body: unknown): Promise<null> {
  const before = getMe(books);
  const fields = { ...before, ...readMe(body, Object.keys(before)) };
  await books.ledger.change({ accounts: [{ id: "me", fields }] });
  return null;
}

export function readMe(body: unknown, others: readonly string[] = []): Fields {
  const reader = new BodyReader(body, [...WRITABLE, ...others]);
  const given = WRITABLE.map(name => [name, reader.optional(name, "a text", nullable(text))] as const);
  return Object.fromEntries(given.filter(([, value]) => value !== undefined));
}

export function listBills({ ledger }: Books, query: Record<string, string>): string[] {
  const from = dateIn(query, "date.from");
  const to = dateIn(query, "date.to");
  const { orderId, category } = query;
  return ledger
    .all("bills")
    .filter(bill => from === undefined || bill.date >= from)
    .filter(bill => to === undefined || bill.date <= to)
    .filter(bill => orderId === undefined || String(bill.orderId) === orderId)
    .filter(bill => category === undefined || bill.category === category)
    .map(({ billId }) => billId);
}

export function getBill({ ledger }: Books, billId: string, base: string): Fields {
  const bill = ledger.find("bills", idOf.bill(billId));
  if (!bill) throw noSuchObject(billId);
  const { orderId, category, password, date, priceWithTax, priceWithoutTax } = bill;
  const url = `${base}/cgi-bin/order/bill.pdf?reference=${encodeURIComponent(billId)}`;
  return {
    billId,
    date: dateOf(date),
    orderId,
    category,
    password,
    pdfUrl: url,
    url: url.replace("bill.pdf", "facture.cgi"),
    priceWithTax: price(priceWithTax),
    priceWithoutTax: price(priceWithoutTax),
    tax: price(tax(bill)),
  };
}

function tax({ priceWithTax, priceWithoutTax }: Bill): number {
  return Math.round((priceWithTax - priceWithoutTax) * 100) / 100;
}

function price(value: number): Fields {
  const priceInUcents = Math.round(value * 100_000_000);
  return { currencyCode: "EUR", text: `${value.toFixed(2)} €`, value, priceInUcents };
}

function dateIn(query: Record<string, string>, name: string): number | undefined {
  const given = query[name];
  if (given === undefined) return undefined;
  const date = Date.parse(given);
  if (Number.isNaN(date)) throw badField(name, "Given data does not belong to a date");
  return date;
}
