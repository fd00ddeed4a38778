// Buys with the generated types; every name and every code here is checked by the compiler.
import createClient from "openapi-fetch";
import type { components, paths } from "./api.js";

type OrderState = components["schemas"]["OrderOut"]["state"];

const [url, token, courseId] = process.argv.slice(2) as [string, string, string];
const client = createClient<paths>({ baseUrl: url, headers: { Authorization: `Bearer ${token}` } });
const items = [{ course_id: courseId }];

const placed = await client.POST("/orders", { body: { items }, params: { header: { "Idempotency-Key": "ts" } } });
if (!placed.data) throw new Error(placed.error.detail);
const state: OrderState = placed.data.state;
const again = await client.POST("/orders", { body: { items } });
const code = again.error?.code;
if (code !== "order_open") throw new Error(`${code} instead of order_open`);
const read = await client.GET("/orders/{order_id}", { params: { path: { order_id: placed.data.id } } });
console.log(JSON.stringify([state, code, read.data?.total_amount]));
