"""An enterprise's office: requests drafted, signed by its persons elsewhere, and handed in."""
