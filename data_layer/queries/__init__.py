"""Named questions, one `.sql` file each: values are bound, never formatted in, and the SQL moves between engines."""
