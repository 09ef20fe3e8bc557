from csat import create_app

app = create_app()
