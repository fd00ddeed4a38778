"""The common rules of courses and services: owner, price, and the states from draft to published."""
